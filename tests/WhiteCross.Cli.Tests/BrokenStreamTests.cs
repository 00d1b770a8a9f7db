using System.Net;
using System.Text;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary>A gateway that is restarted while a job is followed, and what handlers write that a terminal would obey.</summary>
public sealed class BrokenStreamTests : IDisposable
{
    private readonly string _address = $"http://localhost:{FreePorts.Take()}/";
    private readonly HttpListener _gateway = new();

    public BrokenStreamTests()
    {
        _gateway.Prefixes.Add(_address);
        _gateway.Start();
    }

    public void Dispose() => _gateway.Close();

    [Fact]
    public async Task A_job_is_followed_across_a_restart_of_the_gateway()
    {
        var run = FollowAsync();
        await AnswerAsync("application/json", """{"jobId":"j","queue":"message-delivery","type":"send-message","state":"active"}""");
        await AnswerAsync("text/event-stream", Event("state", "\"state\":\"active\"") + Event("log", "\"state\":\"active\",\"line\":\"wiped \\u001b[2J\""));
        await AnswerAsync("text/event-stream", Event("state", "\"state\":\"completed\""));

        var ran = (await run).Well();

        Assert.Contains("connecting again", ran.Error, StringComparison.Ordinal);
        Assert.Contains("completed", ran.Output, StringComparison.Ordinal);
        Assert.Contains("wiped \uFFFD[2J", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_gone_after_the_restart_is_not_found()
    {
        var run = FollowAsync();
        await AnswerAsync("application/json", """{"jobId":"j","queue":"message-delivery","type":"send-message","state":"active"}""");
        await AnswerAsync("text/event-stream", Event("state", "\"state\":\"active\""));
        await AnswerAsync("application/problem+json", """{"title":"Unknown job","detail":"It is not on record."}""", 404);

        (await run).Refused(ExitCodes.NotFound, "Unknown job: It is not on record.");
    }

    private static string Event(string kind, string fields) => $"event: {kind}\ndata: {{\"jobId\":\"j\",\"queue\":\"message-delivery\",\"at\":\"2026-01-31T12:00:00Z\",{fields}}}\n\n";

    private Task<Ran> FollowAsync() => new Tool { Variables = { ["WC_URL"] = _address } }.RunAsync("tail", "message-delivery", "--job", "j");

    private async Task AnswerAsync(string type, string body, int status = 200)
    {
        var context = await _gateway.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        (context.Response.ContentType, context.Response.StatusCode) = (type, status);
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
        context.Response.Close();
    }
}
