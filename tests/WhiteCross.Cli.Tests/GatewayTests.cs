using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary>The way to the gateway: addresses, keys, and what is said when it does not serve.</summary>
public sealed class GatewayTests(CliSystem system)
{
    [Fact]
    public async Task A_gateway_that_is_not_there_is_4()
    {
        var nowhere = $"http://localhost:{FreePorts.Take()}";
        (await system.RunAsync("metrics", "--url", nowhere)).Refused(ExitCodes.Unavailable, $"{nowhere}/ cannot be reached");
        (await system.RunAsync("tail", "--url", nowhere)).Refused(ExitCodes.Unavailable, "cannot be reached");
        var json = await system.RunAsync("job", "x", "--url", nowhere, "--json");
        Assert.Equal((ExitCodes.Unavailable, 4), (json.ExitCode, JsonNode.Parse(json.Error)!["exitCode"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(503, "application/problem+json", "{\"title\":\"Job store away\",\"detail\":\"Send it again later.\"}", ExitCodes.Unavailable, "Job store away: Send it again later.")]
    [InlineData(429, "application/problem+json", "{\"title\":\"Too many requests\"}", ExitCodes.Unavailable, "Too many requests")]
    [InlineData(200, "text/html", "<html>", ExitCodes.Unavailable, "is no gateway")]
    [InlineData(200, "application/json", "{", ExitCodes.Unavailable, "not valid JSON")]
    [InlineData(200, "application/json", "{\"queues\":1}", ExitCodes.Unavailable, "cannot be understood")]
    [InlineData(302, "text/html", "", ExitCodes.Unavailable, "answered 302")]
    public async Task What_answers_otherwise_is_said_to(int status, string type, string body, int exitCode, string saying)
    {
        var port = FreePorts.Take();
        using var listener = new HttpListener { Prefixes = { $"http://localhost:{port}/" } };
        listener.Start();
        var run = system.RunAsync("metrics", "--url", $"http://localhost:{port}");
        var context = await listener.GetContextAsync();
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
        context.Response.Close();

        (await run).Refused(exitCode, saying);
    }

    [Fact]
    public async Task Without_a_key_or_with_one_that_is_not_known_nothing_is_allowed_and_no_key_is_shown()
    {
        var tool = system.Tool();
        tool.Variables.Remove("WC_API_KEY");
        (await tool.RunAsync("metrics")).Refused(ExitCodes.NotAllowed, "WC_API_KEY");
        (await tool.RunAsync("tail")).Refused(ExitCodes.NotAllowed, "WC_API_KEY");

        var wrong = (await tool.RunAsync("metrics", "--key", "a-key-that-nobody-gave-out")).Refused(ExitCodes.NotAllowed, "does not know who asks");
        Assert.DoesNotContain("a-key-that-nobody-gave-out", wrong.Output + wrong.Error, StringComparison.Ordinal);
        var split = (await tool.RunAsync("metrics", "--key", "of two\nlines")).Refused(ExitCodes.WrongInput, "The key has spaces, line ends");
        Assert.DoesNotContain("of two", split.Output + split.Error, StringComparison.Ordinal);
        (await tool.RunAsync("metrics", "--key", CliSystem.KeyOf("viewer"))).Well();
        (await tool.RunAsync("metrics", "--token", "no.token.of-ours")).Refused(ExitCodes.NotAllowed, "does not know who asks");
    }

    [Fact]
    public async Task A_role_that_does_not_suffice_is_5()
    {
        (await system.Tool("viewer").RunAsync("metrics")).Well();
        (await system.Tool("viewer").RunAsync("pause", "message-cleanup")).Refused(ExitCodes.NotAllowed, "higher role");
        (await system.Tool("operator").RunAsync("audit")).Refused(ExitCodes.NotAllowed, "higher role");
    }

    [Theory]
    [InlineData("localhost:5080")]
    [InlineData("ftp://localhost")]
    [InlineData("http://user:password@localhost")]
    public async Task An_address_that_is_none_is_refused_and_not_repeated(string url)
    {
        var ran = (await system.RunAsync("metrics", "--url", url)).Refused(ExitCodes.WrongInput, "--url must be an http or https address");
        Assert.DoesNotContain("password@", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_operators_did_is_listed()
    {
        (await system.RunAsync("pause", "message-cleanup")).Well();
        (await system.RunAsync("resume", "message-cleanup")).Well();

        var ran = (await system.RunAsync("audit", "--limit", "2")).Well();

        Assert.Contains("the admin", ran.Output, StringComparison.Ordinal);
        Assert.Contains("PauseQueue", ran.Output, StringComparison.Ordinal);
        Assert.Contains("ResumeQueue", ran.Output, StringComparison.Ordinal);
    }
}
