using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>Nothing that a handler does, throws or returns costs a slot, an event or another job: its errors are its own attempt's.</summary>
public sealed class MisbehavingHandlerTests
{
    private static readonly JobOutcome Done = new JobOutcome.Completed();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Misdeeds => [.. All.Keys];

    private static Dictionary<string, Func<Job<string>, CancellationToken, Task<JobOutcome>>> All { get; } = new()
    {
        ["throws"] = (_, _) => throw new InvalidOperationException("no"),
        ["throws later"] = async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("no");
        },
        ["throws what cannot be read"] = (_, _) => throw new UnreadableException(),
        ["throws a cancellation that nobody asked for"] = (_, _) => throw new OperationCanceledException("no"),
        ["throws that its lease is lost, which it is not"] = (_, _) => throw new JobLeaseLostException(),
        ["returns no task"] = (_, _) => null!,
        ["returns no outcome"] = (_, _) => Task.FromResult<JobOutcome>(null!),
        ["gives no reason to fail"] = (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Fail(null!)),
        ["gives no reason to retry"] = (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Retry(null!, TimeSpan.MinValue)),
        ["returns what is no JSON"] = (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(new Unwritable())),
        ["returns itself in itself"] = (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(new Loop())),
        ["returns a number that JSON has not"] = (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(double.NaN)),
        ["reports disposed data"] = async (job, _) =>
        {
            JsonElement data;
            using (var document = JsonDocument.Parse("""{"page":3}"""))
            {
                data = document.RootElement;
            }

            await job.ReportProgressAsync(50, data: data);
            return Done;
        },
        ["reports huge data"] = async (job, _) =>
        {
            await job.ReportProgressAsync(50, data: JsonSerializer.SerializeToElement(new string('x', 5_000)));
            return Done;
        },
        ["reports data too deep to be read"] = async (job, _) =>
        {
            using var deep = JsonDocument.Parse(new string('[', 200) + new string(']', 200), new JsonDocumentOptions { MaxDepth = 300 });
            await job.ReportProgressAsync(50, data: deep.RootElement);
            return Done;
        },
        ["reports a step of 201 characters"] = async (job, _) =>
        {
            await job.ReportProgressAsync(50, new string('x', 201));
            return Done;
        },
        ["runs a step of 201 characters"] = async (job, token) =>
        {
            await job.StepAsync(new string('x', 201), _ => Task.CompletedTask, token);
            return Done;
        },
        ["runs a step that is none"] = async (job, token) =>
        {
            await job.StepAsync("mail", _ => null!, token);
            return Done;
        },
        ["runs a step with a result that is no JSON"] = async (job, token) =>
        {
            await job.StepAsync("mail", _ => Task.FromResult(new Unwritable()), token);
            return Done;
        },
        ["has a callback that throws"] = async (job, token) =>
        {
            token.Register(() => throw new InvalidOperationException("no"));
            await Forever(token);
            return Done;
        },
    };

    [Theory]
    [MemberData(nameof(Misdeeds))]
    public async Task The_next_job_runs_and_the_misdeed_is_an_attempts_error(string misdeed)
    {
        await using var bench = new WorkerBench(
            (job, token) => job.Id == "bad" ? All[misdeed](job, token) : Task.FromResult(Done), configure: options => options.Concurrency = 1);

        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("bad", timeout: TimeSpan.FromMilliseconds(300))));
        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("good")));

        var bad = await bench.GetAsync("bad");
        Assert.True(bad.State is JobState.Delayed or JobState.Failed, bad.State.ToString());
        Assert.NotEmpty(bad.Attempts.Single().Error!.Message);
        Assert.Equal(JobState.Completed, (await bench.GetAsync("good")).State);
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0); // The event may be answered before the slot is given back.
    }

    [Fact]
    public async Task Progress_data_outlive_their_document()
    {
        await using var bench = new WorkerBench(async (job, _) =>
        {
            using (var document = JsonDocument.Parse("""{"page":3}"""))
            {
                await job.ReportProgressAsync(50, data: document.RootElement);
            }

            return Done;
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 3), (record.State, record.Progress.Data!.Value.GetProperty("page").GetInt32()));
    }

    [Fact]
    public async Task Limits_are_named_to_the_handler()
    {
        var errors = new List<string>();
        await using var bench = new WorkerBench(async (job, token) =>
        {
            foreach (var report in new Func<Task>[]
            {
                () => job.ReportProgressAsync(50, data: JsonSerializer.SerializeToElement(new string('x', 5_000))).AsTask(),
                () => job.ReportProgressAsync(50, new string('x', 201)).AsTask(),
                () => job.StepAsync(new string('x', 201), _ => Task.CompletedTask, token),
                () => job.StepAsync("large", _ => Task.FromResult(new string('x', 70_000)), token),
            })
            {
                errors.Add((await Assert.ThrowsAnyAsync<Exception>(report)).Message);
            }

            return Done;
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        Assert.Collection(
            errors,
            error => Assert.Contains("4096", error, StringComparison.Ordinal),
            error => Assert.Contains("200", error, StringComparison.Ordinal),
            error => Assert.Contains("200", error, StringComparison.Ordinal),
            error => Assert.Contains("65536", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_step_after_the_last_one_has_no_effect_and_says_why()
    {
        var effects = 0;
        await using var bench = new WorkerBench(async (job, token) =>
        {
            for (var i = 0; i <= JobLimits.Steps; i++)
            {
                await job.StepAsync($"step {i}", _ => Task.FromResult(++effects), token);
            }

            return Done;
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobLimits.Steps, JobState.Failed, JobErrorCodes.Permanent), (effects, record.State, record.Error!.Code));
        Assert.Contains("1,000", record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_is_no_JSON_fails_the_job_without_doing_its_work_again()
    {
        var runs = 0;
        await using var bench = new WorkerBench((_, _) =>
        {
            runs++;
            return Task.FromResult<JobOutcome>(new JobOutcome.Completed(new Unwritable()));
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((1, JobState.Failed, JobErrorCodes.Permanent), (runs, record.State, record.Error!.Code));
        Assert.Contains(nameof(Unwritable), record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_without_an_end_is_a_marked_cut()
    {
        await using var bench = new WorkerBench((_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(Endless())));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, true), (record.State, record.Result!.Value.GetProperty("truncated").GetBoolean()));
    }

    [Fact]
    public async Task A_step_whose_result_cannot_be_kept_is_not_run_again()
    {
        var effects = 0;
        await using var bench = new WorkerBench(async (job, token) =>
        {
            await job.StepAsync(
                "mail",
                _ =>
                {
                    effects++;
                    return Task.FromResult<Action>(() => { });
                },
                token);
            return Done;
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        Assert.Equal((1, JobState.Failed), (effects, (await bench.GetAsync("a")).State));
    }

    [Fact]
    public async Task Log_lines_of_any_size_are_taken()
    {
        await using var bench = new WorkerBench(async (job, _) =>
        {
            await job.LogAsync(null!);
            await job.LogAsync(new string('x', 10_000_000));
            await job.LogAsync("half of a pair: \ud83d");
            return Done;
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 3), (record.State, record.Logs.Count));
    }

    [Fact]
    public async Task What_a_handler_says_after_its_end_is_refused_and_harms_nothing()
    {
        Job<string>? kept = null;
        var effects = 0;
        await using var bench = new WorkerBench((job, _) =>
        {
            kept ??= job;
            return Task.FromResult(Done);
        });
        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        await kept!.ReportProgressAsync(10, "late");
        await kept.LogAsync("late");
        await Assert.ThrowsAsync<JobLeaseLostException>(() => kept.StepAsync("late", _ => Task.FromResult(++effects), Cancellation));
        await Assert.ThrowsAsync<JobLeaseLostException>(() => kept.KeepNoteAsync("late", "note", Cancellation));
        await await bench.AddAndDeliverAsync(WorkerBench.Job("b"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 100d, 0, 0), (record.State, record.Progress.Percentage, record.Logs.Count, effects));
        Assert.Equal(JobState.Completed, (await bench.GetAsync("b")).State);
    }

    [Fact]
    public async Task Handlers_that_block_their_threads_do_not_starve_the_leases()
    {
        using var release = new ManualResetEventSlim();
        var started = 0;
        await using var bench = new WorkerBench(
            (_, _) =>
            {
                Interlocked.Increment(ref started);
                release.Wait(CancellationToken.None);
                return Task.FromResult(Done);
            },
            configure: options => (options.Concurrency, options.Lease) = (64, TimeSpan.FromSeconds(5)));
        var delivered = new List<Task<DeliveryVerdict>>();
        for (var i = 0; i < 64; i++)
        {
            delivered.Add(await bench.AddAndDeliverAsync(WorkerBench.Job($"job-{i}")));
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref started) == 64);
        var (since, stalled) = (TimeProvider.System.GetTimestamp(), 0);
        await Eventually.TrueAsync(async () =>
        {
            stalled += await bench.Record.RecoverStalledAsync(WorkerBench.Queue, 100, Cancellation);
            return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(6);
        });
        Assert.Equal(0, stalled);

        release.Set();
        await Task.WhenAll(delivered);
        Assert.Equal(64, (await bench.Record.GetMetricsAsync([WorkerBench.Queue], Cancellation))[0].Completed);
    }

    [Theory]
    [InlineData("creating")]
    [InlineData("disposing")]
    public async Task A_scope_that_throws_costs_an_attempt_when_it_is_made_and_nothing_when_it_is_done_with(string when)
    {
        await using var bench = new WorkerBench(
            (job, _) => Task.FromResult(Done), configure: options => options.Concurrency = 1, scopes: new ThrowingScopes(when));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await await bench.AddAndDeliverAsync(WorkerBench.Job("b"));

        Assert.Equal(
            when == "creating" ? (JobState.Delayed, 1) : (JobState.Completed, 1),
            ((await bench.GetAsync("b")).State, (await bench.GetAsync("a")).Attempts.Count));
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_that_throws_or_returns_nothing_is_an_error_of_the_attempt(bool throws)
    {
        var services = new ServiceCollection().AddSingleton<IJobFilter>(new BadFilter(throws)).AddScoped<GoodHandler>().BuildServiceProvider();
        await using var bench = new WorkerBench(
            JobHandlerTable.InvokerOf<string, GoodHandler>(_ => "data"), scopes: services.GetRequiredService<IServiceScopeFactory>());

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 1), (record.State, record.AttemptsMade));
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0);
    }

    private static Task Forever(CancellationToken token) => new TaskCompletionSource().Task.WaitAsync(token);

    private static IEnumerable<int> Endless()
    {
        for (var i = 0; ; i++)
        {
            yield return i;
        }
    }

    private sealed class Unwritable(string? page = null)
    {
        public string Text => page ?? throw new InvalidOperationException("The page is gone.");
    }

    private sealed class Loop
    {
        public Loop Self => this;
    }

    private sealed class UnreadableException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");

        public override string? StackTrace => throw new InvalidOperationException("no stack");

        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private sealed class GoodHandler : IJobHandler<string>
    {
        public Task<JobOutcome> HandleAsync(Job<string> job, CancellationToken cancellationToken) => Task.FromResult(Done);
    }

    private sealed class BadFilter(bool throws) : IJobFilter
    {
        public Task<JobOutcome> InvokeAsync(JobInfo job, Func<CancellationToken, Task<JobOutcome>> next, CancellationToken cancellationToken) =>
            throws ? throw new InvalidOperationException("no") : null!;
    }

    private sealed class ThrowingScopes(string when) : IServiceScopeFactory, IServiceScope
    {
        public IServiceProvider ServiceProvider { get; } = new ServiceCollection().BuildServiceProvider();

        public IServiceScope CreateScope() => when == "creating" ? throw new InvalidOperationException("no scope") : this;

        public void Dispose()
        {
            if (when == "disposing")
            {
                throw new InvalidOperationException("not to be disposed of");
            }
        }
    }
}
