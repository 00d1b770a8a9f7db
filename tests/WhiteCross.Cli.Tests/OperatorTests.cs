using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc why</c>, <c>wc workers</c>, <c>wc groups</c>.</summary>
public sealed class OperatorTests(CliSystem system)
{
    private const string Queue = "message-encryption";

    [Fact]
    public async Task Why_tells_what_became_of_a_job_and_groups_tell_why_jobs_failed()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());

        Assert.StartsWith("failed: It failed for good", (await system.RunAsync("why", id)).Well().Output, StringComparison.Ordinal);
        Assert.Equal("failed", (await system.RunAsync("why", id, "--queue", Queue, "--json")).Well().Json["reasons"]![0]!["code"]!.GetValue<string>());
        (await system.RunAsync("why", "nothing")).Refused(ExitCodes.NotFound, "No queue has a job 'nothing'");

        var groups = (await system.RunAsync("groups", Queue, "--json")).Well().Json["groups"]!.AsArray();
        var cause = groups[0]!["cause"]!.GetValue<string>();
        Assert.Contains(cause, (await system.RunAsync("groups")).Well().Output, StringComparison.Ordinal);
        (await system.RunAsync("groups", "stop", cause)).Refused(ExitCodes.WrongInput, "No replay of this cause goes on");
        (await system.RunAsync("groups", "discard", cause)).Refused(ExitCodes.WrongInput, "--reason");
        (await system.RunAsync("groups", "replay", "encrypt-decrypt:0000000000000000")).Refused(ExitCodes.NotFound, "No queue has a cause");
    }

    [Fact]
    public async Task Workers_are_shown_with_their_slots()
    {
        await Eventually.TrueAsync(async () => (await system.RunAsync("workers")).Well().Output.Contains(Queue, StringComparison.Ordinal)); // It reports from time to time.
        Assert.Equal(5, (await system.RunAsync("workers", Queue, "--json")).Well().Json["slots"]!.GetValue<int>());
    }
}
