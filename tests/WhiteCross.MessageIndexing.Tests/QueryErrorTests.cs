using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class QueryErrorsOnSqliteTests(PostgresServer postgres) : QueryErrorTests(DatabaseKind.Sqlite, postgres);

public sealed class QueryErrorsOnPostgresTests(PostgresServer postgres) : QueryErrorTests(DatabaseKind.Postgres, postgres);

/// <summary>What is wrong with a search is said, parameter by parameter; nothing that a user can type makes the service fail.</summary>
public abstract class QueryErrorTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    private const string AUser = "3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b";

    private static readonly string[] Pieces =
    [
        "\"", "*", "-", " ", "fever", "blood", "(", ")", "AND", "OR", "NOT", "NEAR(", "stems:", "words :", "^", "+", ":", "&", "|", "!", "<->", "'", "\\", ";",
        "%00", "\0", "{", "}", "é", "e\u0301", "\u0301", "中文", "😀", "\ud800", "½", "٣", "ﷺ", "\u200b", "12e5", "a'b", "x=y", "--", "/*", "$1", "@user", "\u00ad",
    ];

    private static readonly Gen<string> AnyQuery =
        Gen.OneOf(Gen.String, Gen.Int[0, Pieces.Length - 1].Array[0, 12].Select(pieces => string.Concat(pieces.Select(piece => Pieces[piece]))));

    [Fact]
    public async Task Any_query__is_answered_or_refused_as_such()
    {
        await Service.DeliverAsync(Some.Message("fever blood 中文 ½ ٣ e\u0301 x=y 12e5"));

        await AnyQuery.SampleAsync(
            async query =>
            {
                var isQuery = SearchQueryReader.TryRead(WebText(query), out _, out _);
                using var response = await Service.Http.GetAsync($"/search?q={Uri.EscapeDataString(query)}&userId={AUser}", Token);
                Assert.Equal(isQuery ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
            },
            iter: RandomCases.Count(1_500),
            threads: 2);
    }

    [Fact]
    public async Task Any_content__is_indexed_and_found_by_its_first_word()
    {
        await Gen.String[0, 300].SampleAsync(
            async content =>
            {
                var message = Some.Event($"{content} fever", Guid.NewGuid()) with { SenderId = Guid.NewGuid() };
                await Service.Index.ApplyAsync([message with { Content = message.Content!.Replace('\0', ' ') }], Token);
                var word = Words.Of(message.Content)[0].Text;
                var request = Some.Search($"\"{word}\"") with { UserId = message.SenderId.Value };
                Assert.Equal([message.MessageId], (await Service.Index.SearchAsync(request, Token)).Hits.Select(hit => hit.Message.Id));
            },
            iter: RandomCases.Count(300),
            threads: 2);
    }

    [Theory]
    [InlineData("", "must not be empty")]
    [InlineData("&&& !", "no word")]
    [InlineData("\"fever", "not closed")]
    [InlineData("fever\"", "not closed")]
    [InlineData("-fever", "only excludes")]
    [InlineData("fever -", "- without")]
    [InlineData("fever - chills", "- without")]
    [InlineData("*fever", "* without")]
    [InlineData("fe*er", "inside a word")]
    [InlineData("fever&*", "* without")]
    [InlineData("\"\"*", "* without")]
    public async Task Wrong_query__is_refused_with_the_reason(string query, string reason)
    {
        var errors = await ErrorsAsync($"/search?q={Uri.EscapeDataString(query)}&userId={AUser}");

        Assert.Equal(["q"], errors.Keys);
        Assert.Contains(reason, errors["q"].Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("userId=" + AUser, "q")]
    [InlineData("q=fever", "userId")]
    [InlineData("q=fever&userId=me", "userId")]
    [InlineData("q=fever&userId=" + AUser + "&userId=" + AUser, "userId")]
    [InlineData("q=fever&q=chills&userId=" + AUser, "q")]
    [InlineData("q=fever&conversationId=1&userId=" + AUser, "conversationId")]
    [InlineData("q=fever&from=yesterday&userId=" + AUser, "from")]
    [InlineData("q=fever&to=2026-02-30&userId=" + AUser, "to")]
    [InlineData("q=fever&to=2026-02-01T00:00:00&userId=" + AUser, "to")]
    [InlineData("q=fever&from=2026-03-05&to=2026-03-04&userId=" + AUser, "to")]
    [InlineData("q=fever&limit=0&userId=" + AUser, "limit")]
    [InlineData("q=fever&limit=101&userId=" + AUser, "limit")]
    [InlineData("q=fever&limit=ten&userId=" + AUser, "limit")]
    [InlineData("q=fever&cursor=x&userId=" + AUser, "cursor")]
    [InlineData("q=fever&conversation=" + AUser + "&userId=" + AUser, "conversation")]
    [InlineData("q=-&limit=0&from=x&to=x&conversationId=x&userId=x", "conversationId,from,limit,q,to,userId")]
    public async Task Wrong_parameters__are_all_named(string parameters, string expected)
    {
        var errors = await ErrorsAsync($"/search?{parameters}");

        Assert.Equal(expected, string.Join(',', errors.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Cursor_of_another_search__is_refused()
    {
        await Service.DeliverAsync(Some.Message("fever"));
        await Service.DeliverAsync(Some.Message("fever"));
        var cursor = (await Service.SearchAsync("fever", "&limit=1")).NextCursor;
        Assert.NotNull(cursor);

        Assert.Single((await Service.SearchAsync("fever", $"&limit=7&cursor={cursor}")).Results);
        Assert.Equal(["cursor"], (await ErrorsAsync($"/search?q=fevers&userId={AUser}&cursor={cursor}")).Keys);
        Assert.Equal(["cursor"], (await ErrorsAsync($"/search?q=fever&from=2026-01-01&userId={AUser}&cursor={cursor}")).Keys);
    }

    // What of a query gets through an address: lone surrogates do not.
    private static string WebText(string text) => Uri.UnescapeDataString(Uri.EscapeDataString(text));

    private async Task<Dictionary<string, string[]>> ErrorsAsync(string address)
    {
        using var response = await Service.Http.GetAsync(address, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        return problem.GetProperty("errors").Deserialize<Dictionary<string, string[]>>()!;
    }
}
