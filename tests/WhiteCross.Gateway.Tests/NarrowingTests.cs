using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>What narrows a request and is misspelled, doubled or empty must not make it one for everything.</summary>
public sealed class NarrowingTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"ids":["a"]}""", "ids", "jobIds")]
    [InlineData("""{"jobid":["a"]}""", "jobid", "jobIds")]
    [InlineData("""{"jobIds":["a"],"until":"2026-01-31T08:00:00Z"}""", "until", "jobIds")]
    [InlineData("""{"jobIds":null}""", "jobIds", "array")]
    [InlineData("""{"jobIds":"a"}""", "jobIds", "array")]
    [InlineData("""{"jobIds":["a"],"JobIds":["b"]}""", "jobIds", "twice")]
    [InlineData("""["a"]""", "$", "jobIds")]
    [InlineData("null", "$", "jobIds")]
    public async Task A_retry_of_what_is_not_understood__retries_nothing_and_says_what(string body, string field, string says)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        await gateway.FailAsync(Queue, "b");

        using var answer = await gateway.PostAsync($"/queue/{Queue}/failed/retry", body);

        Assert.Contains(says, await ErrorOf(answer, field), StringComparison.Ordinal);
        Assert.Equal(2, (await gateway.GetAsync($"/queue/{Queue}/metrics")).Body!["failed"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_retry_of_none__retries_none_and_one_in_another_case_those_it_names()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        await gateway.FailAsync(Queue, "b");

        using var none = await gateway.PostAsync($"/queue/{Queue}/failed/retry", """{"jobIds":[]}""");
        Assert.Equal(0, (await none.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["retried"]!.GetValue<int>());
        using var held = await gateway.PostAsync($"/queue/{Queue}/failed/retry?undoSeconds=300", """{"jobIds":[]}""");
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        using var one = await gateway.PostAsync($"/queue/{Queue}/failed/retry", """{"JOBIDS":["a"]}""");
        Assert.Equal(1, (await one.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["retried"]!.GetValue<int>());
        Assert.Equal(1, (await gateway.GetAsync($"/queue/{Queue}/metrics")).Body!["failed"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("POST", "/clean?grade=0", "grade", "grace")]
    [InlineData("POST", "/clean?grace=", "grace", "empty")]
    [InlineData("POST", "/clean?grace=0&grace=86400000", "grace", "once")]
    [InlineData("POST", "/clean?grace=0&Grace=1", "grace", "once")]
    [InlineData("POST", "/failed/retry?jobIds=a", "jobIds", "undoSeconds, reason")]
    [InlineData("POST", "/failed/retry?undoSecond=30", "undoSecond", "undoSeconds")]
    [InlineData("GET", "/jobs?sate=failed", "sate", "state")]
    [InlineData("GET", "/jobs?state=", "state", "empty")]
    [InlineData("GET", "/jobs?state", "state", "empty")]
    [InlineData("GET", "/jobs?state=failed&state=waiting", "state", "once")]
    [InlineData("GET", "/jobs?state=waiting,delayed", "state", "waiting")]
    [InlineData("GET", "/jobs?priority=LOW,NORMAL", "priority", "LOW")]
    [InlineData("GET", "/jobs?data=no", "data", "true or false")]
    [InlineData("GET", "/failed?data=FALSCH", "data", "true or false")]
    [InlineData("GET", "/jobs/a?data=0", "data", "true or false")]
    [InlineData("GET", "/jobs?from=2026-01-31T12:00:00", "from", "offset")]
    [InlineData("GET", "/jobs?to=2026-01-31", "to", "offset")]
    [InlineData("DELETE", "/jobs/a?dryRun=true", "dryRun", "reason")]
    [InlineData("DELETE", "/schedules/a?force=true", "force", "reason")]
    [InlineData("GET", "/health?component=redis", "component", "nothing is read")]
    public async Task A_parameter_that_is_not_read__is_refused_by_its_name(string method, string path, string field, string says)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/queue/{Queue}{path}", UriKind.Relative));

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Contains(says, await ErrorOf(answer, field), StringComparison.Ordinal);
        Assert.Equal(1, (await gateway.GetAsync($"/queue/{Queue}/metrics")).Body!["failed"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("POST", "/clean", """{"grace":99999999}""")]
    [InlineData("POST", "/pause", """{"jobIds":["a"]}""")]
    [InlineData("DELETE", "/jobs/a", """{"dryRun":true}""")]
    [InlineData("POST", "/jobs/a/retry", """["a"]""")]
    public async Task A_body_where_none_is_read__is_refused(string method, string path, string body)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/queue/{Queue}{path}", UriKind.Relative)) { Content = new StringContent(body) };

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Contains("takes no body", await ErrorOf(answer, "$"), StringComparison.Ordinal);
        Assert.Equal(1, (await gateway.GetAsync($"/queue/{Queue}/metrics")).Body!["failed"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" {} ")]
    public async Task An_empty_body__asks_for_nothing_and_is_taken(string body)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync($"/queue/{Queue}/pause", body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<string> ErrorOf(HttpResponseMessage answer, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["errors"]!.AsObject();
        var (name, messages) = Assert.Single(errors);
        Assert.Equal(field, name, ignoreCase: true);
        return messages![0]!.GetValue<string>();
    }
}
