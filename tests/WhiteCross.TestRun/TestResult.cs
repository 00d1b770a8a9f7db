using System.Globalization;
using System.Xml.Linq;

namespace WhiteCross.TestRun;

/// <summary>How one test ended.</summary>
internal enum TestOutcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One test case, as the report of its module tells it.</summary>
internal sealed record TestResult(string Name, TestOutcome Outcome, TimeSpan Time, string? Reason)
{
    /// <summary>Reads a report in xUnit's XML.</summary>
    /// <param name="report">The report.</param>
    public static IReadOnlyList<TestResult> Read(XDocument report)
    {
        var run = report.Descendants("test").Where(test => test.Attribute("result")!.Value != "NotRun"); // NotRun: those that must be asked for.
        return [.. run.Select(Read)];
    }

    private static TestResult Read(XElement test) => new(
        test.Attribute("name")!.Value,
        test.Attribute("result")!.Value switch
        {
            "Pass" => TestOutcome.Passed,
            "Skip" => TestOutcome.Skipped,
            _ => TestOutcome.Failed,
        },
        TimeSpan.FromSeconds(double.Parse(test.Attribute("time")!.Value, CultureInfo.InvariantCulture)),
        test.Element("reason")?.Value);
}
