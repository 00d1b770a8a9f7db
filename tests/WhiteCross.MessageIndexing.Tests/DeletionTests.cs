using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class DeletionOnSqliteTests(PostgresServer postgres) : DeletionTests(DatabaseKind.Sqlite, postgres);

public sealed class DeletionOnPostgresTests(PostgresServer postgres) : DeletionTests(DatabaseKind.Postgres, postgres);

/// <summary>What the clean-up asks for.</summary>
public abstract class DeletionTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    private const string SidecarToken = "a-sidecars-token";

    [Fact]
    public async Task Messages__are_taken_out_for_good__counted_once()
    {
        var messages = Enumerable.Range(0, 3).Select(_ => Some.Message("fever")).ToArray();
        foreach (var message in messages)
        {
            await Service.DeliverAsync(message);
        }

        Guid[] ids = [messages[0].MessageId, messages[1].MessageId, messages[1].MessageId, Guid.NewGuid()];

        Assert.Equal(2, await DeleteAsync(ids));
        Assert.Equal(0, await DeleteAsync(ids));
        await Service.DeliverAsync(messages[0]);
        Assert.Equal([messages[2].MessageId], await FoundAsync("fever"));
    }

    [Fact]
    public async Task Ten_thousand_at_once__are_taken__one_more_is_not()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => Guid.NewGuid()).ToArray();
        await Service.Index.ApplyAsync([.. ids.Select(id => Some.Event("fever", id))], Token);

        Assert.Equal(10_000, await DeleteAsync(ids));
        Assert.Equal(0, await DeleteAsync([]));
        Assert.Empty(await FoundAsync("fever"));
        using var refused = await PostAsync(new { messageIds = ids.Append(Guid.NewGuid()) });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"messageIds":null}""")]
    [InlineData("""{"messageIds":["x"]}""")]
    [InlineData("""{"messageIds":["00000000-0000-0000-0000-000000000000"]}""")]
    [InlineData("")]
    public async Task Wrong_request__is_refused(string body)
    {
        using var response = await PostAsync(body.Length == 0 ? null : JsonDocument.Parse(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Without_the_sidecars_token__nobody_gets_in()
    {
        using var response = await Service.Http.PostAsJsonAsync("/internal/messages/delete", new { messageIds = Array.Empty<Guid>() }, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection([new("APP_API_TOKEN", SidecarToken)]);

    private async Task<int> DeleteAsync(Guid[] ids)
    {
        using var response = await PostAsync(new { messageIds = ids });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("deleted").GetInt32();
    }

    private async Task<HttpResponseMessage> PostAsync(object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/messages/delete") { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("dapr-api-token", SidecarToken);
        return await Service.Http.SendAsync(request, Token);
    }
}
