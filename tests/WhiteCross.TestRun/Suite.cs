using System.Diagnostics;
using System.Globalization;
using WhiteCross.Testing;

namespace WhiteCross.TestRun;

/// <summary>All runs of modules.</summary>
internal sealed record SuiteResult(IReadOnlyList<ModuleResult> Runs, TimeSpan Time);

/// <summary>Runs all modules.</summary>
internal static class Suite
{
    // Names a folder in which the modules' reports and output stay.
    private const string ResultsVariable = "TEST_RESULTS";

    /// <summary>Runs them and tells of each when it has ended.</summary>
    /// <param name="modules">The modules.</param>
    /// <param name="atOnce">How many share the machine.</param>
    /// <param name="output">For what people read.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<SuiteResult> RunAsync(IReadOnlyList<TestModule> modules, int atOnce, TextWriter output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var kept = Environment.GetEnvironmentVariable(ResultsVariable);
        var folder = string.IsNullOrEmpty(kept) ? Directory.CreateTempSubdirectory("whitecross-tests-").FullName : Directory.CreateDirectory(kept).FullName;
        await using var redis = new RedisServer();
        await using var postgres = new PostgresServer();
        try
        {
            await Task.WhenAll(redis.InitializeAsync().AsTask(), postgres.InitializeAsync().AsTask());
            var environment = new Dictionary<string, string?>
            {
                [RedisServer.Variable] = redis.EndPoint,
                [PostgresServer.Variable] = postgres.ConnectionString,

                // Every host would watch its settings files, with an inotify instance of which a user has 128 and a thread; the tests start hundreds of hosts.
                ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false",

                // A run compiles much and repeats little, also in the services and sidecars that it starts as processes: neither measuring code, to compile it
                // better once more, nor pages that are writable or executable and never both pay for what they cost.
                ["DOTNET_TieredPGO"] = "0",
                ["DOTNET_EnableWriteXorExecute"] = "0",

                // Nor is code that was called thirty times compiled once more, as by default, but code that was called a thousand times (the number is hexadecimal):
                // a fifth of what is compiled. Without an end (TC_CallCounting=0), what runs again and again loses as much as that gains.
                ["DOTNET_TC_CallCountThreshold"] = "400",

                // Nor is there a thread in each of them that collects beside the program; without one, collections of the youngest objects are half as many.
                ["DOTNET_gcConcurrent"] = "0",

                // Nor does a thread that has nothing to do spin for a while before it sleeps: there are always others that have.
                ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
            };
            var results = new List<ModuleResult>();
            foreach (var some in Plan.Last(modules).Prepend(Plan.Together(modules)))
            {
                await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (module, token) =>
                {
                    var result = await ModuleRun.RunAsync(module, environment, folder, token);
                    lock (results)
                    {
                        results.Add(result);
                        Tell(module, result, output);
                    }
                });
            }

            return new SuiteResult(results, watch.Elapsed);
        }
        finally
        {
            if (string.IsNullOrEmpty(kept))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Tell(TestModule module, ModuleResult result, TextWriter output)
    {
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(
            culture,
            $"{(result.Failed ? "FAILED" : "passed")} {module.Name}: {result.Count(TestOutcome.Passed)} passed, {result.Count(TestOutcome.Failed)} failed, {result.Count(TestOutcome.Skipped)} skipped ({result.Time.TotalSeconds:0.0} s)"));
        foreach (var skipped in result.Tests.Where(test => test.Outcome == TestOutcome.Skipped))
        {
            output.WriteLine($"  skipped {skipped.Name}: {skipped.Reason}");
        }

        if (result.Failed)
        {
            output.WriteLine(result.Output);
        }

        if (result.Trouble is { } trouble)
        {
            output.WriteLine($"{module.Name}: {trouble}.");
        }

        output.Flush();
    }
}
