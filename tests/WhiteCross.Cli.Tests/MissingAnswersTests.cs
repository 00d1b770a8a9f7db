using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary>What the tool does when a gateway does not know whether it has added a job, and with input that would mean something else than it seems to.</summary>
public sealed class MissingAnswersTests : IDisposable
{
    private const string Unknown = """{"title":"Job store away","status":503,"outcome":"unknown"}""";
    private const string Job = """{"Type":"send-message","Data":{}}""";

    private readonly string _address = $"http://localhost:{FreePorts.Take()}/";
    private readonly HttpListener _gateway = new();

    public MissingAnswersTests()
    {
        _gateway.Prefixes.Add(_address);
        _gateway.Start();
    }

    public void Dispose() => _gateway.Close();

    [Fact]
    public async Task An_unknown_add_is_sent_again_with_the_same_id()
    {
        var run = RunAsync(Job, "add", "-");
        var first = await AnswerAsync(503, Unknown);
        var second = await AnswerAsync(202, """{"jobId":"x","queue":"message-delivery","type":"send-message","state":"waiting"}""");

        (await run).Well();
        Assert.True(Guid.TryParse(JsonNode.Parse(first)!["jobId"]!.GetValue<string>(), out _));
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task An_add_whose_answer_is_lost_is_sent_again_with_the_same_id()
    {
        const string Answer = """{"jobId":"x","queue":"message-delivery","type":"send-message","state":"waiting"}""";
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var run = new Tool { Variables = { ["WC_URL"] = $"http://{listener.LocalEndpoint}/" }, Input = Job }.RunAsync("add", "-");
        string first;
        using (var lost = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            first = await BodyAsync(lost.GetStream());
        }

        using var answered = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var second = await BodyAsync(answered.GetStream());
        await answered.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}"), TestContext.Current.CancellationToken);

        (await run).Well();
        Assert.Equal(first, second);

        static async Task<string> BodyAsync(NetworkStream stream)
        {
            var (text, buffer) = (string.Empty, new byte[4096]);
            while (!text.EndsWith('}'))
            {
                text += Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
            }

            return text[text.IndexOf('{', StringComparison.Ordinal)..];
        }
    }

    [Fact]
    public async Task An_add_that_stays_unknown_says_how_to_find_out_and_to_repeat_it()
    {
        var run = RunAsync(Job, "add", "-", "--id", "mine");
        for (var i = 0; i < 4; i++)
        {
            await AnswerAsync(503, Unknown);
        }

        (await run).Refused(ExitCodes.Unavailable, "--id mine");
    }

    [Fact]
    public async Task Jobs_of_a_bulk_that_were_known_already_are_told_apart()
    {
        var run = RunAsync($"[{Job},{Job}]", "add", "-");
        await AnswerAsync(202, """{"accepted":[{"index":0,"jobId":"a"},{"index":1,"jobId":"b","known":"other","state":"waiting"}],"rejected":[]}""");

        var ran = (await run).Well();
        Assert.Contains("Added 1 of 2", ran.Output, StringComparison.Ordinal);
        Assert.Contains("jobs[1].jobId", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--from", "2026-01-31T08:00:00")]
    [InlineData("--to", "yesterday")]
    public async Task A_time_without_its_offset_is_refused(string option, string time)
    {
        (await RunAsync(string.Empty, "jobs", "message-delivery", option, time)).Refused(ExitCodes.WrongInput, $"{option} must be a time in RFC 3339 with its offset");
    }

    [Theory]
    [InlineData("""{"messageId":"x","JobId":"a"}""", "jobId")]
    [InlineData("""{"messageId":"x","options":{"delay":1}}""", "options")]
    public async Task What_belongs_into_an_envelope_is_refused_among_data(string data, string field)
    {
        (await RunAsync(data, "add", "-", "--type", "index-message")).Refused(ExitCodes.WrongInput, field);
    }

    private Task<Ran> RunAsync(string input, params string[] arguments) => new Tool { Variables = { ["WC_URL"] = _address }, Input = input }.RunAsync(arguments);

    private async Task<string> AnswerAsync(int status, string body)
    {
        var context = await _gateway.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(context.Request.InputStream);
        var sent = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        (context.Response.ContentType, context.Response.StatusCode) = (status == 503 ? "application/problem+json" : "application/json", status);
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
        context.Response.Close();
        return sent;
    }
}
