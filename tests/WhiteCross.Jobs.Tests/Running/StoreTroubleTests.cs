using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>Trouble of the store costs no attempt and fails no job, and what was done outside gets on record as done.</summary>
public sealed class StoreTroubleTests
{
    private static readonly JobOutcome Done = new JobOutcome.Completed();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(IJobStore.BeginAsync))]
    [InlineData(nameof(IJobStore.ReportAsync))]
    [InlineData(nameof(IJobStore.FinishAsync))]
    [InlineData(nameof(IJobStore.RenewAsync))]
    public async Task A_lost_answer_costs_neither_the_attempt_nor_a_second_effect(string call)
    {
        var (runs, effects, lost) = (0, 0, 0);
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                runs++;
                await job.StepAsync("mail", _ => Task.FromResult(++effects), token);
                await job.LogAsync("mailed");
                return Done;
            },
            decorate: store => FaultyStore.Over(store, method => method == call && Interlocked.Increment(ref lost) <= 2 ? StoreFault.AnswerLost : StoreFault.None));

        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1)));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 1, 1, 1), (record.State, record.AttemptsMade, runs, effects));
        Assert.Equal(["mailed"], record.Logs);
    }

    [Fact]
    public async Task A_step_is_tried_until_it_is_on_record()
    {
        var (effects, failures) = (0, 0);
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                await job.StepAsync("mail", _ => Task.FromResult(++effects), token);
                return Done;
            },
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.ReportAsync) && Interlocked.Increment(ref failures) <= 5));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 1, 1, 6), (record.State, record.AttemptsMade, effects, failures));
        Assert.Equal(["mail"], record.Steps);
    }

    [Fact]
    public async Task A_step_of_a_run_whose_lease_is_over_gets_on_record_before_the_job_is_given_back()
    {
        var (effects, runs, isAway) = (0, 0, false);
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                runs++;
                await job.StepAsync(
                    "mail",
                    _ =>
                    {
                        effects++;
                        Volatile.Write(ref isAway, true);
                        return Task.FromResult(true);
                    },
                    token);
                token.ThrowIfCancellationRequested();
                return Done;
            },
            configure: options => options.Lease = TimeSpan.FromSeconds(2),
            decorate: store => FaultyStore.Over(store, _ => Volatile.Read(ref isAway)));
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1, timeout: TimeSpan.FromSeconds(1)));
        await Eventually.TrueAsync(() => Volatile.Read(ref isAway));

        // Longer than the lease and the job's timeout: neither is the job's fault.
        var since = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(2.5));
        Volatile.Write(ref isAway, false);
        await delivered;

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
        Assert.Equal(["mail"], record.Steps);

        await bench.DeliverAsync("a");
        record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 1, 1, 2), (record.State, record.AttemptsMade, effects, runs));
    }

    [Fact]
    public async Task A_handler_that_meets_the_stores_trouble_itself_is_postponed_and_not_charged()
    {
        await using var bench = new WorkerBench((_, _) => throw new InvalidOperationException("Could not add.", new JobStoreUnavailableException()));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 0, 1), (record.State, record.AttemptsMade, record.Snoozes));
    }

    [Fact]
    public async Task Log_lines_of_failed_reports_come_once_and_in_order()
    {
        var failures = 0;
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                for (var i = 0; i < 5; i++)
                {
                    await job.LogAsync($"line {i}");
                    var failed = Volatile.Read(ref failures);
                    await Eventually.TrueAsync(() => Volatile.Read(ref failures) > failed || failed >= 4);
                }

                return Done;
            },
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.ReportAsync) && Interlocked.Increment(ref failures) <= 4 ? StoreFault.AnswerLost : StoreFault.None));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        Assert.Equal(["line 0", "line 1", "line 2", "line 3", "line 4"], (await bench.GetAsync("a")).Logs);
    }

    [Fact]
    public async Task One_end_that_the_store_cannot_take_is_set_apart_and_its_neighbours_end()
    {
        var (goOn, started) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        await using var bench = new WorkerBench(
            async (_, _) =>
            {
                Interlocked.Increment(ref started);
                await goOn.Task;
                return new JobOutcome.Completed("result");
            },
            configure: options => options.Concurrency = 8,
            decorate: store => InterceptedStore.Over(store, (method, args) =>
            {
                // As a store would that cannot write this result: it is no outage.
                return method.Name == nameof(IJobStore.FinishAsync)
                    && ((IReadOnlyList<RunEnd>)args[1]!).Any(end => end.Key.JobId == "bad" && end.Result.Span.SequenceEqual("\"result\""u8))
                        ? throw new InvalidOperationException("ERR the end of bad cannot be written")
                        : null;
            }));
        var delivered = new List<Task<DeliveryVerdict>>();
        foreach (var id in (string[])["a", "b", "bad", "c", "d"])
        {
            delivered.Add(await bench.AddAndDeliverAsync(WorkerBench.Job(id)));
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref started) == 5);
        goOn.SetResult();
        await Task.WhenAll(delivered);

        foreach (var id in (string[])["a", "b", "c", "d", "bad"])
        {
            Assert.Equal((JobState.Completed, 1), ((await bench.GetAsync(id)).State, (await bench.GetAsync(id)).AttemptsMade));
        }

        Assert.Contains("refused", (await bench.GetAsync("bad")).Result!.Value.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_begin_that_the_store_cannot_take_is_set_apart_and_its_neighbours_begin()
    {
        await using var bench = new WorkerBench(
            (_, _) => Task.FromResult(Done),
            decorate: store => InterceptedStore.Over(store, (method, args) =>
                method.Name == nameof(IJobStore.BeginAsync) && ((IReadOnlyList<BeginRequest>)args[1]!).Any(request => request.JobId == "bad")
                    ? throw new InvalidOperationException("ERR bad cannot be read")
                    : null));
        await bench.Record.AddAsync(WorkerBench.Queue, [WorkerBench.Job("a"), WorkerBench.Job("bad"), WorkerBench.Job("b")], Cancellation);

        var verdicts = await Task.WhenAll(bench.DeliverAsync("a"), bench.DeliverAsync("bad"), bench.DeliverAsync("b"));

        Assert.Equal([DeliveryVerdict.Success, DeliveryVerdict.Retry, DeliveryVerdict.Success], verdicts);
        Assert.Equal((JobState.Completed, JobState.Completed), ((await bench.GetAsync("a")).State, (await bench.GetAsync("b")).State));
    }

    [Fact]
    public async Task While_the_store_is_away_neither_what_begins_nor_what_waits_behind_it_keeps_the_sidecar_for_longer_than_a_lease()
    {
        var time = new FakeTimeProvider();
        var (begins, isAway) = (0, true);
        await using var bench = new WorkerBench(
            (_, _) => Task.FromResult(Done),
            time,
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.BeginAsync) && Interlocked.Increment(ref begins) > 0 && Volatile.Read(ref isAway)));
        var begun = await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await Eventually.TrueAsync(() => Volatile.Read(ref begins) > 0);
        var waiting = await bench.AddAndDeliverAsync(WorkerBench.Job("b"));

        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return begun.IsCompleted && waiting.IsCompleted;
        });

        Assert.Equal((DeliveryVerdict.Retry, DeliveryVerdict.Retry), (await begun, await waiting));
        Volatile.Write(ref isAway, false);
        var again = Task.WhenAll(bench.DeliverAsync("a"), bench.DeliverAsync("b"));
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return again.IsCompleted;
        });
        Assert.Equal([DeliveryVerdict.Success, DeliveryVerdict.Success], await again);
        Assert.Equal((JobState.Completed, JobState.Completed), ((await bench.GetAsync("a")).State, (await bench.GetAsync("b")).State));
    }

    [Fact]
    public async Task An_end_is_kept_beyond_its_lease_for_as_long_as_the_store_would_take_it()
    {
        var isAway = false;
        await using var bench = new WorkerBench(
            (_, _) =>
            {
                Volatile.Write(ref isAway, true);
                return Task.FromResult(Done);
            },
            configure: options => options.Lease = TimeSpan.FromSeconds(2),
            decorate: store => FaultyStore.Over(store, _ => Volatile.Read(ref isAway)));
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1));
        await Eventually.TrueAsync(() => Volatile.Read(ref isAway));

        var since = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(3));
        Volatile.Write(ref isAway, false);

        Assert.Equal(DeliveryVerdict.Success, await delivered);
        Assert.Equal((JobState.Completed, 1), ((await bench.GetAsync("a")).State, (await bench.GetAsync("a")).AttemptsMade));
    }

    [Fact]
    public async Task A_run_whose_lease_may_be_over_stops_by_its_own_clock_before_anybody_else_may_begin()
    {
        var time = new FakeTimeProvider();
        var (started, stopped) = (NewSignal(), NewSignal());
        var isHanging = false;
        var never = new TaskCompletionSource();
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                started.TrySetResult();
                await using var registration = token.Register(() => stopped.TrySetResult());
                await stopped.Task;
                Assert.Equal(StopCause.LeaseOver, job.StopCause);
                token.ThrowIfCancellationRequested();
                return Done;
            },
            time,
            // The renewal does not fail: it does not answer.
            decorate: store => InterceptedStore.Over(store, (method, _) => method.Name == nameof(IJobStore.RenewAsync) && Volatile.Read(ref isHanging) ? never.Task : null));
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1));
        await started.Task;
        Volatile.Write(ref isHanging, true);

        for (var waited = TimeSpan.Zero; waited < bench.Options.Lease - TimeSpan.FromSeconds(1); waited += TimeSpan.FromMilliseconds(250))
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await delivered;

        // Given back, since it was not the job's fault; and not taken away: nobody else could have begun it.
        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
    }

    [Fact]
    public async Task Leases_are_renewed_and_watched_from_when_the_worker_has_been_started_however_busy_the_threads_are()
    {
        var time = new TimersOfAClock();

        await using var bench = new WorkerBench((_, _) => Task.FromResult(Done), time);

        Assert.Equal(2, time.Periodic);
    }

    [Fact]
    public async Task Whatever_fails_in_the_store_the_worker_goes_on_when_it_is_over()
    {
        var trouble = new ConcurrentQueue<Exception>();
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                await job.ReportProgressAsync(50);
                await job.LogAsync("line");
                await job.StepAsync("step", _ => Task.FromResult(1), token);
                return Done;
            },
            decorate: store => InterceptedStore.Over(store, (method, _) =>
                method.Name != nameof(IJobStore.AddAsync) && trouble.TryDequeue(out var exception) ? throw exception : null));

        for (var i = 0; i < 20; i++)
        {
            trouble.Enqueue(i % 2 == 0 ? new JobStoreUnavailableException() : new InvalidOperationException("ERR"));
            trouble.Enqueue(new OperationCanceledException());
            await bench.AddAndDeliverAsync(WorkerBench.Job($"job-{i}"));
        }

        await Eventually.TrueAsync(async () =>
        {
            await bench.Record.TakeDueAsync(WorkerBench.Queue, 100, Cancellation);
            foreach (var job in (await bench.Record.ListAsync(WorkerBench.Queue, new JobQuery(), Cancellation)).Jobs.Where(job => job.State == JobState.Waiting))
            {
                _ = bench.DeliverAsync(job.JobId);
            }

            return (await bench.Record.GetMetricsAsync([WorkerBench.Queue], Cancellation))[0].Completed == 20;
        });
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class TimersOfAClock : FakeTimeProvider
    {
        private int _periodic;

        /// <summary>Timers that were asked for and ring again and again.</summary>
        public int Periodic => Volatile.Read(ref _periodic);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                Interlocked.Increment(ref _periodic);
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
