using System.Globalization;

namespace WhiteCross.TestRun;

/// <summary>The end of a run: the slowest tests, and the totals as `dotnet test` prints them.</summary>
internal static class Summary
{
    private const int Slowest = 20;
    private const int Longest = 180; // Of a name: those of cases have their data.

    /// <summary>Writes it.</summary>
    /// <param name="suite">What ran.</param>
    /// <param name="output">Where to.</param>
    public static async Task WriteAsync(SuiteResult suite, TextWriter output)
    {
        var culture = CultureInfo.InvariantCulture;
        var tests = suite.Runs.SelectMany(run => run.Tests).ToList();
        await output.WriteLineAsync($"\nThe slowest {Slowest} tests:");
        foreach (var test in tests.OrderByDescending(test => test.Time).Take(Slowest))
        {
            await output.WriteLineAsync(string.Create(culture, $"{test.Time.TotalSeconds,8:0.0} s  {(test.Name.Length > Longest ? test.Name[..Longest] + "…" : test.Name)}"));
        }

        // A module that broke off is a failure also when none of its tests has failed.
        var failed = suite.Runs.Sum(run => run.Count(TestOutcome.Failed) + (run.Trouble is null ? 0 : 1));
        var (succeeded, skipped) = (tests.Count(test => test.Outcome == TestOutcome.Passed), tests.Count(test => test.Outcome == TestOutcome.Skipped));
        await output.WriteLineAsync(string.Create(culture, $"""

            Test run summary: {(failed == 0 ? "Passed!" : "Failed!")}
              total: {succeeded + failed + skipped}
              failed: {failed}
              succeeded: {succeeded}
              skipped: {skipped}
              duration: {suite.Time:m\m\ ss\s}
            """));
    }
}
