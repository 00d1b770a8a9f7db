using WhiteCross.Chaos.Running;

namespace WhiteCross.Chaos.Tests;

public sealed class ShortRunTests
{
    [Fact]
    public async Task Nothing_is_lost_and_nothing_runs_twice_whatever_dies()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CHAOS_SEED"), out var given) ? given : 1;
        var output = new StringWriter();
        var report = await ChaosRun.RunAsync(ChaosOptions.ForTests(seed) with { Keep = Environment.GetEnvironmentVariable("CHAOS_KEEP") }, output, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report}\n{output}");
        Assert.True(report.Violations.Count == 0, $"{report}\n{output}");
    }
}
