using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>What all parts of the contract share: a store, a queue of the test's own, a clock that stands still, and short ways to move jobs.</summary>
public abstract class JobStoreContract
{
    protected JobStoreContract(IJobStoreFactory factory)
    {
        Store = factory.Create(_ => Options, Time);
    }

    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    protected QueueOptions Options { get; } = new();

    protected string Queue { get; } = $"q-{Guid.NewGuid():n}";

    protected IJobStore Store { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected DateTimeOffset Now => Time.GetUtcNow();

    protected static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    protected static NewJob Job(string id, string? data = null) =>
        new() { JobId = id, Type = "send-message", Data = Json(data ?? $$"""{"of":"{{id}}"}""") };

    protected async Task<AddResult> AddAsync(NewJob job) => (await Store.AddAsync(Queue, [job], Cancel))[0];

    protected Task<AddResult> AddAsync(string id) => AddAsync(Job(id));

    protected async Task<BeginResult> BeginAsync(string id, NewJob? ifMissing = null, string? holder = null) =>
        (await Store.BeginAsync(Queue, [new BeginRequest(id, ifMissing, holder)], Cancel))[0];

    /// <summary>Begins a run that must be able to.</summary>
    protected async Task<JobRun> StartAsync(string id)
    {
        var result = await BeginAsync(id);
        Assert.Equal(BeginOutcome.Started, result.Outcome);
        return result.Run!;
    }

    protected async Task<LeaseState> FinishAsync(RunEnd end) => (await Store.FinishAsync(Queue, [end], Cancel))[0];

    protected Task<LeaseState> CompleteAsync(JobRun run) => FinishAsync(new RunEnd(run.Key, RunEndKind.Completed));

    protected Task<LeaseState> RetryLaterAsync(JobRun run, TimeSpan delay) =>
        FinishAsync(new RunEnd(run.Key, RunEndKind.Retry) { Delay = delay, Error = new JobError("busy") });

    protected async Task<LeaseState> RenewAsync(JobRun run) => (await Store.RenewAsync(Queue, [run.Key], Cancel))[0];

    protected async Task<LeaseState> ReportAsync(RunReport report) => (await Store.ReportAsync(Queue, [report], Cancel))[0];

    protected async Task AddCompletedAsync(NewJob job)
    {
        await AddAsync(job);
        Assert.Equal(LeaseState.Held, await CompleteAsync(await StartAsync(job.JobId)));
    }

    protected Task AddCompletedAsync(string id) => AddCompletedAsync(Job(id));

    /// <summary>Adds a job that fails for good, and publishes its dead letter unless told otherwise.</summary>
    protected async Task AddFailedAsync(NewJob job, bool publishDeadLetter = true)
    {
        await AddAsync(job);
        var run = await StartAsync(job.JobId);
        Assert.Equal(LeaseState.Held, await FinishAsync(new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError("broken", Code: JobErrorCodes.Permanent) }));
        if (publishDeadLetter)
        {
            await Store.ConfirmDeadLettersAsync(Queue, [job.JobId], Cancel);
        }
    }

    protected Task AddFailedAsync(string id, bool publishDeadLetter = true) => AddFailedAsync(Job(id), publishDeadLetter);

    protected Task<JobRecord?> FindAsync(string id) => Store.GetAsync(Queue, id, Cancel);

    protected async Task<JobRecord> GetAsync(string id)
    {
        var record = await FindAsync(id);
        Assert.NotNull(record);
        return record;
    }

    protected async Task<JobState> StateAsync(string id) => (await GetAsync(id)).State;

    protected async Task<IReadOnlyList<string>> TakeDueAsync(int limit = 100) =>
        [.. (await Store.TakeDueAsync(Queue, limit, Cancel)).Jobs.Select(job => job.JobId)];

    /// <summary>Tells that the events of these jobs are out, whoever was handed them.</summary>
    protected Task ConfirmPublishedAsync(params string[] ids) =>
        Store.ConfirmPublishedAsync(Queue, [.. ids.Select(id => new JobClaim(id, JobClaim.None))], Cancel);

    protected Task<int> RecoverAsync(int limit = 100) => Store.RecoverStalledAsync(Queue, limit, Cancel);

    /// <summary>Lets time go by while somebody looks for stalled runs, as somebody always does.</summary>
    /// <returns>How many had stalled.</returns>
    protected async Task<int> AdvanceAndRecoverAsync(TimeSpan time, int limit = 100)
    {
        var stalled = await RecoverAsync(limit);
        for (var left = time; left > TimeSpan.Zero; left -= Sweep)
        {
            Time.Advance(left < Sweep ? left : Sweep);
            stalled += await RecoverAsync(limit);
        }

        return stalled;
    }

    protected async Task<IReadOnlyList<string>> TakeDeadLettersAsync(int limit = 100) =>
        [.. (await Store.TakeDeadLettersAsync(Queue, limit, Cancel)).Select(letter => letter.Job.JobId)];

    /// <summary>The queue's metrics; the states must add up to what was added.</summary>
    protected async Task<QueueMetrics> MetricsAsync()
    {
        var metrics = (await Store.GetMetricsAsync([Queue], Cancel))[0];
        Assert.Equal(
            metrics.Added,
            metrics.Waiting + metrics.Delayed + metrics.Active + metrics.Paused + metrics.Completed + metrics.Failed + metrics.Removed);
        return metrics;
    }

    protected static string[] Ids(string prefix, int count) =>
        [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:000}"))];
}
