using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>A handler that does not stop keeps its slot, and is seen; its job goes on without it.</summary>
public sealed class StuckHandlerTests
{
    private static readonly JobOutcome Done = new JobOutcome.Completed();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_shown_as_stuck_and_its_attempt_ends_as_timed_out()
    {
        var time = new FakeTimeProvider();
        var (started, release, effects) = (NewSignal(), NewSignal(), 0);
        Exception? late = null;
        var returned = NewSignal();
        await using var bench = new WorkerBench(
            async (job, _) =>
            {
                if (job.Id == "stuck")
                {
                    started.TrySetResult();
                    await release.Task;
                    late = await Record.ExceptionAsync(() => job.StepAsync("mail", _ => Task.FromResult(++effects), CancellationToken.None));
                    returned.TrySetResult();
                }

                return Done;
            },
            time,
            options => options.Concurrency = 2);
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("stuck", timeout: TimeSpan.FromSeconds(5)));
        await started.Task;

        await AdvanceAsync(time, TimeSpan.FromSeconds(9));
        Assert.Equal((JobState.Active, 0), ((await bench.GetAsync("stuck")).State, bench.Worker.SlotsStuck));

        await AdvanceAsync(time, TimeSpan.FromSeconds(3), () => bench.Worker.SlotsStuck == 1);
        Assert.Equal(DeliveryVerdict.Success, await delivered);
        var record = await bench.GetAsync("stuck");
        Assert.Equal((JobState.Delayed, 1, JobErrorCodes.Timeout), (record.State, record.AttemptsMade, record.Error!.Code));
        Assert.Contains("has not returned", record.Error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1, 1), (bench.Worker.SlotsInUse, bench.Worker.SlotsStuck, StuckByMetric()));

        // The other slot goes on; and the job is let go of: its next attempt may be here as well.
        await await bench.AddAndDeliverAsync(WorkerBench.Job("good"));
        Assert.Equal(JobState.Completed, (await bench.GetAsync("good")).State);

        release.SetResult();
        await returned.Task;
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0);
        Assert.Equal((0, 0), (bench.Worker.SlotsStuck, effects));
        Assert.IsType<JobLeaseLostException>(late);
        Assert.Equal((JobState.Delayed, 1), ((await bench.GetAsync("stuck")).State, (await bench.GetAsync("stuck")).AttemptsMade));
    }

    [Fact]
    public async Task A_cancelled_job_ends_although_its_handler_does_not()
    {
        var time = new FakeTimeProvider();
        var (started, release) = (NewSignal(), NewSignal());
        await using var bench = new WorkerBench(
            async (_, _) =>
            {
                started.TrySetResult();
                await release.Task;
                return Done;
            },
            time);
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await started.Task;
        await bench.Record.CancelAsync(WorkerBench.Queue, "a", Cancellation);

        await AdvanceAsync(time, TimeSpan.FromSeconds(7), () => bench.Worker.SlotsStuck == 1);
        await delivered;

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (record.State, record.Error!.Code));
        release.SetResult();
    }

    [Fact]
    public async Task An_outcome_that_is_known_stands_though_clearing_up_behind_it_never_ends()
    {
        var time = new FakeTimeProvider();
        var release = NewSignal();
        var scopes = new EndlessScopes(release.Task);
        await using var bench = new WorkerBench((_, _) => Task.FromResult(Done), time, scopes: scopes);

        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a", timeout: TimeSpan.FromSeconds(5)));
        await scopes.Disposing.Task;
        await AdvanceAsync(time, TimeSpan.FromSeconds(12), () => bench.Worker.SlotsStuck == 1);
        await delivered;

        Assert.Equal((JobState.Completed, 1), ((await bench.GetAsync("a")).State, bench.Worker.SlotsInUse));
        release.SetResult();
    }

    [Fact]
    public async Task Runs_that_began_ahead_of_a_slot_are_given_back_when_none_clears()
    {
        var time = new FakeTimeProvider();
        var (release, isBlocking) = (NewSignal(), false);
        await using var bench = new WorkerBench(
            async (job, _) =>
            {
                if (Volatile.Read(ref isBlocking))
                {
                    await release.Task;
                }

                return Done;
            },
            time,
            options => options.Concurrency = 1);
        for (var i = 0; i < 20; i++)
        {
            await await bench.AddAndDeliverAsync(WorkerBench.Job($"quick-{i}")); // So that others may begin ahead.
        }

        Volatile.Write(ref isBlocking, true);
        var slow = await bench.AddAndDeliverAsync(WorkerBench.Job("slow"));
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 1);
        var ahead = await bench.AddAndDeliverAsync(WorkerBench.Job("ahead"));
        await Eventually.TrueAsync(async () => (await bench.GetAsync("ahead")).State == JobState.Active);

        await AdvanceAsync(time, TimeSpan.FromSeconds(2), () => ahead.IsCompleted);

        Assert.Equal(DeliveryVerdict.Success, await ahead);
        var record = await bench.GetAsync("ahead");
        Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
        Volatile.Write(ref isBlocking, false);
        release.SetResult();
        await slow;
    }

    /// <summary>Lets time go by in small steps, so that every timer has its turn.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider time, TimeSpan span, Func<bool>? until = null)
    {
        for (var gone = TimeSpan.Zero; gone < span; gone += TimeSpan.FromMilliseconds(250))
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        if (until is not null)
        {
            await Eventually.TrueAsync(() =>
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                return until();
            });
        }
    }

    private static int StuckByMetric()
    {
        var stuck = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "whitecross.jobs.slots.stuck")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => stuck = Math.Max(stuck, value));
        listener.Start();
        listener.RecordObservableInstruments();
        return stuck;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class EndlessScopes(Task release) : Microsoft.Extensions.DependencyInjection.IServiceScopeFactory, Microsoft.Extensions.DependencyInjection.IServiceScope, IServiceProvider, IAsyncDisposable
    {
        public TaskCompletionSource Disposing { get; } = NewSignal();

        public IServiceProvider ServiceProvider => this;

        public Microsoft.Extensions.DependencyInjection.IServiceScope CreateScope() => this;

        public object? GetService(Type serviceType) => null;

        public void Dispose()
        {
        }

        public async ValueTask DisposeAsync()
        {
            Disposing.TrySetResult();
            await release;
        }
    }
}
