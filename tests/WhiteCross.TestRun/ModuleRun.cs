using System.Diagnostics;
using System.Xml;
using System.Xml.Linq;
using WhiteCross.Testing.Processes;

namespace WhiteCross.TestRun;

/// <summary>What a run of a module came to.</summary>
/// <param name="Tests">Its tests.</param>
/// <param name="Time">How long it took, with its start.</param>
/// <param name="Trouble">What went wrong besides tests that failed: it broke off, hung, found no test; null: nothing.</param>
/// <param name="Output">What it printed.</param>
internal sealed record ModuleResult(IReadOnlyList<TestResult> Tests, TimeSpan Time, string? Trouble, string Output)
{
    public int Count(TestOutcome outcome) => Tests.Count(test => test.Outcome == outcome);

    public bool Failed => Trouble is not null || Count(TestOutcome.Failed) > 0;
}

/// <summary>A run of a module, as a process of its own.</summary>
internal static class ModuleRun
{
    // Far above what any module takes: a test that hangs must not keep a build server for hours.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    // What the testing platform exits with when tests failed; any other code but 0 is a run that broke off.
    private const int TestsFailed = 2;

    /// <summary>Runs it.</summary>
    /// <param name="module">The module.</param>
    /// <param name="environment">Added to this process's.</param>
    /// <param name="folder">For its report and output.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ModuleResult> RunAsync(TestModule module, IReadOnlyDictionary<string, string?> environment, string folder, CancellationToken cancellationToken)
    {
        var (log, report) = (Path.Combine(folder, $"{module.Name}.log"), Path.Combine(folder, $"{module.Name}.xml"));
        File.Delete(log); // Those of the run before, where results are kept.
        File.Delete(report);
        string[] command =
        [
            "dotnet", "exec", module.Assembly, "--no-ansi", "--progress", "off",
            "--results-directory", folder, "--report-xunit-xml", "--report-xunit-xml-filename", Path.GetFileName(report),
        ];
        var watch = Stopwatch.StartNew();
        await using var process = new ChildProcess(new ChildProcessStart(module.Name, command, environment, log, Path.GetDirectoryName(module.Assembly)));
        process.Start();
        var end = await EndAsync(process, cancellationToken);
        var tests = Read(report);
        return new ModuleResult(tests ?? [], watch.Elapsed, TroubleOf(end, tests), await File.ReadAllTextAsync(log, cancellationToken));
    }

    /// <returns>The exit code; null: it was killed when its time was over.</returns>
    private static async Task<int?> EndAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await process.KillAsync();
            return null;
        }
    }

    internal static string? TroubleOf(int? code, IReadOnlyList<TestResult>? tests) => (code, tests) switch
    {
        (null, _) => $"it did not end within {Limit.TotalMinutes:0} minutes",
        (not 0 and not TestsFailed, _) => $"it ended with exit code {code}",
        (_, null) => "it left no report",
        (_, []) => "it has no test",
        (TestsFailed, _) when tests.All(test => test.Outcome != TestOutcome.Failed) => "something failed outside of its tests",
        _ => null,
    };

    private static IReadOnlyList<TestResult>? Read(string report)
    {
        try
        {
            return File.Exists(report) ? TestResult.Read(XDocument.Load(report)) : null;
        }
        catch (XmlException)
        {
            return null; // It broke off while it wrote.
        }
    }
}
