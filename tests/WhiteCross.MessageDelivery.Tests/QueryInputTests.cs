using Microsoft.AspNetCore.Http;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>The one reader of queries: what is wrong is named with what it may be, all of it at once.</summary>
public sealed class QueryInputTests
{
    private const string AUuid = "must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b.";

    [Theory]
    [InlineData("", 50, null)]
    [InlineData("?limit=200", 200, null)]
    [InlineData("?LIMIT=1", 1, null)]
    [InlineData("?limit=0", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=201", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=-5", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=5.0", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=%2B5", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=99999999999999999999", 1, "must be a whole number from 1 to 200.")]
    [InlineData("?limit=", 1, "must be a whole number from 1 to 200.")]
    public async Task Numbers(string query, int number, string? error)
    {
        var input = await ReadAsync(query);

        Assert.Equal(number, input.Number("limit", 50, 1, 200));
        Assert.Equal(error, input.Errors.GetValueOrDefault("limit")?.Single());
        Assert.Equal(error is not null, input.HasErrors);
    }

    [Theory]
    [InlineData("", "no", null)]
    [InlineData("?sort=b", "2", null)]
    [InlineData("?sort=B", "no", "must be a, b or c.")]
    [InlineData("?sort=d", "no", "must be a, b or c.")]
    public async Task Choices(string query, string value, string? error)
    {
        var input = await ReadAsync(query);

        Assert.Equal(value, input.Choice("sort", "no", ("a", "1"), ("b", "2"), ("c", "3")));
        Assert.Equal(error, input.Errors.GetValueOrDefault("sort")?.Single());
    }

    [Theory]
    [InlineData("", false, null)]
    [InlineData("?unread=true", true, null)]
    [InlineData("?unread=True", true, null)]
    [InlineData("?unread=FALSE", false, null)]
    [InlineData("?unread=1", false, "must be true or false.")]
    public async Task Flags(string query, bool isSet, string? error)
    {
        var input = await ReadAsync(query);

        Assert.Equal(isSet, input.Flag("unread"));
        Assert.Equal(error, input.Errors.GetValueOrDefault("unread")?.Single());
    }

    [Fact]
    public async Task All_that_is_wrong_is_gathered__of_each_what_was_found_first()
    {
        var input = await ReadAsync("?grace=x&unread=yes&conversationId=1");

        input.Number("grace", 0L, 0L, 10L, "milliseconds");
        Assert.False(input.Flag("unread"));
        input.QueryId("conversationId");
        input.Id("id", "2");
        input.Refuse("id", "is somebody else's.");

        Assert.Equal(
            ["conversationId: " + AUuid, "grace: must be milliseconds, a whole number from 0 to 10.", "id: " + AUuid, "unread: must be true or false."],
            input.Errors.OrderBy(error => error.Key, StringComparer.Ordinal).Select(error => $"{error.Key}: {error.Value.Single()}"));
        Assert.Equal(input.Errors, input.Problem().ProblemDetails.Errors);
    }

    private static ValueTask<QueryInput> ReadAsync(string query) => QueryInput.BindAsync(new DefaultHttpContext { Request = { QueryString = new QueryString(query) } });
}
