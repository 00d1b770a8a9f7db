using System.Xml.Linq;

namespace WhiteCross.TestRun.Tests;

/// <summary>No failure gets lost on the way to the totals.</summary>
public sealed class OutcomeTests
{
    private static readonly TestResult Passed = new("a", TestOutcome.Passed, TimeSpan.FromSeconds(1), null);
    private static readonly TestResult Failed = new("b", TestOutcome.Failed, TimeSpan.FromSeconds(3), null);
    private static readonly TestResult Slow = new("c", TestOutcome.Passed, TimeSpan.FromSeconds(2), null);

    [Fact]
    public void A_report_is_read()
    {
        var report = XDocument.Parse("""
            <assemblies><assembly><collection>
              <test name="a" result="Pass" time="1.5" />
              <test name="b" result="Fail" time="0.25"><failure /></test>
              <test name="c" result="Skip" time="0"><reason>No machine.</reason></test>
              <test name="asked for only" result="NotRun" time="0" />
            </collection></assembly></assemblies>
            """);

        Assert.Equal(
            [
                new TestResult("a", TestOutcome.Passed, TimeSpan.FromSeconds(1.5), null),
                new TestResult("b", TestOutcome.Failed, TimeSpan.FromSeconds(0.25), null),
                new TestResult("c", TestOutcome.Skipped, TimeSpan.Zero, "No machine."),
            ],
            TestResult.Read(report));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, "something failed outside of its tests")]
    [InlineData(134, "it ended with exit code 134")]
    [InlineData(null, "it did not end within 15 minutes")]
    public void How_a_run_that_left_passed_tests_ended(int? code, string? trouble) => Assert.Equal(trouble, ModuleRun.TroubleOf(code, [Passed]));

    [Fact]
    public void A_run_without_a_report_or_a_test_is_in_trouble_and_one_with_a_failed_test_is_not()
    {
        Assert.Equal("it left no report", ModuleRun.TroubleOf(0, null));
        Assert.Equal("it has no test", ModuleRun.TroubleOf(0, []));
        Assert.Null(ModuleRun.TroubleOf(2, [Passed, Failed]));
    }

    [Fact]
    public async Task A_module_that_breaks_off_is_a_failure_with_its_output()
    {
        var folder = Directory.CreateTempSubdirectory("test-run-");
        try
        {
            // No module of tests: it refuses the arguments.
            var module = new TestModule("Broken", typeof(Plan).Assembly.Location);

            var result = await ModuleRun.RunAsync(module, new Dictionary<string, string?>(), folder.FullName, TestContext.Current.CancellationToken);

            Assert.True(result.Failed);
            Assert.Equal("it left no report", result.Trouble);
            Assert.Contains("There is no test module", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_end_shows_the_slowest_first_and_counts_a_module_that_broke_off_as_a_failure()
    {
        var output = new StringWriter();
        ModuleResult[] runs = [new([Passed, Failed], TimeSpan.Zero, null, string.Empty), new([Slow], TimeSpan.Zero, "it ended with exit code 134", string.Empty)];

        await Summary.WriteAsync(new SuiteResult(runs, TimeSpan.FromSeconds(65)), output);

        Assert.Equal(
            [
                "The slowest 20 tests:", "3.0 s  b", "2.0 s  c", "1.0 s  a",
                "Test run summary: Failed!", "total: 4", "failed: 2", "succeeded: 2", "skipped: 0", "duration: 1m 05s",
            ],
            output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }
}
