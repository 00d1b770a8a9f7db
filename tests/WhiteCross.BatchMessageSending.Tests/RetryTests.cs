using System.Reflection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>What goes wrong while a batch is being sent.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task A_chunk_that_cannot_be_published_is_sent_again_and_no_message_twice()
    {
        var failures = 3;
        await using var service = await BatchService.StartAsync(
            new Ground(),
            store => BrokenStore.Over(store, (method, queue) => method == nameof(IJobStore.AddAsync) && queue == JobQueues.MessageDelivery && Interlocked.Decrement(ref failures) >= 0));
        var record = await service.RunAsync(Some.Batch(30));
        Assert.Equal((JobState.Completed, 1), (record.State, record.AttemptsMade));
        Assert.Equal(30, await service.MessagesAsync());
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task A_job_that_failed_while_its_workflow_went_on_finds_back_to_it()
    {
        await using var service = await BatchService.StartAsync();
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 2);

        // As if the service had died too often: its run loses the job, and the job fails for good.
        await service.StopAppAsync();
        var store = service.Ground.Store!;
        for (var stall = 0; (await store.GetStatesAsync(JobQueues.BatchMessageSending, [jobId], BatchService.Cancellation))[0]?.State != JobState.Failed; stall++)
        {
            Assert.InRange(stall, 0, 10);
            if ((await store.BeginAsync(JobQueues.BatchMessageSending, [new BeginRequest(jobId, null)], BatchService.Cancellation))[0].Run is { } run)
            {
                await store.FinishAsync(
                    JobQueues.BatchMessageSending,
                    [new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError("stalled", Code: JobErrorCodes.Stalled) }],
                    BatchService.Cancellation);
            }
        }

        await service.StartAppAsync();
        var record = await service.WaitForAsync(jobId, now => now.State == JobState.Completed);
        Assert.Equal(60, record.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }

    [Fact]
    public async Task A_job_that_stalled_too_often_to_record_its_batchs_end_finds_back_to_it()
    {
        await using var service = await BatchService.StartAsync(new Ground(lease: TimeSpan.FromSeconds(2)), null);
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 2);

        // Runs that go silent one after the other, until no attempt is left.
        await service.StopAppAsync();
        var store = service.Ground.Store!;
        await Eventually.TrueAsync(async () =>
        {
            await store.BeginAsync(JobQueues.BatchMessageSending, [new BeginRequest(jobId, null)], BatchService.Cancellation);
            await store.RecoverStalledAsync(JobQueues.BatchMessageSending, 10, BatchService.Cancellation);
            return (await store.GetStatesAsync(JobQueues.BatchMessageSending, [jobId], BatchService.Cancellation))[0]?.State == JobState.Failed;
        });
        Assert.Equal(3, (await store.GetMetricsAsync([JobQueues.BatchMessageSending], BatchService.Cancellation))[0].StalledTotal);

        await service.StartAppAsync();
        var record = await service.WaitForAsync(jobId, now => now.State == JobState.Completed);
        Assert.Equal(60, record.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }

    /// <summary>A job store of which calls fail.</summary>
    public class BrokenStore : DispatchProxy
    {
        private IJobStore _store = null!;
        private Func<string, string?, bool> _fails = null!;

        public static IJobStore Over(IJobStore store, Func<string, string?, bool> fails)
        {
            var proxy = Create<IJobStore, BrokenStore>();
            ((BrokenStore)(object)proxy)._store = store;
            ((BrokenStore)(object)proxy)._fails = fails;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _fails(targetMethod!.Name, args?.FirstOrDefault() as string)
            ? throw new JobStoreUnavailableException()
            : targetMethod.Invoke(_store, args);
    }
}
