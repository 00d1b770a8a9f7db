using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Looks after batches whose jobs fail while no handler watches them. The workflow of one that is cancelled, while it is paused above all, is stopped.
/// One whose job stalled too often, because the service died under it, is not at fault: its job is made to wait again and finds back to the workflow.
/// What is missed here is noticed with the batch's next chunk; a paused batch has none, so that stopping it is tried until the engine answers.
/// </summary>
internal sealed partial class FailedBatchJobs(
    IJobReader jobs, BatchJobs batchJobs, BatchStore store, BatchEnding ending, BatchWorkflows workflows, TimeProvider time, ILogger<FailedBatchJobs> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in jobs.WatchAsync(JobQueues.BatchMessageSending, stoppingToken))
                {
                    if (change is { Kind: JobChangeKind.State, State: JobState.Failed })
                    {
                        await LookAfterAsync(change.JobId, stoppingToken);
                    }
                }
            }
#pragma warning disable CA1031 // Whatever the trouble is, the next batch's cancellation is watched for again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(exception);
            }
#pragma warning restore CA1031
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAfterAsync(string jobId, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is not { State: JobState.Failed, Error: { } error } record)
        {
            return;
        }

        var batchId = BatchIds.Of(record);
        if (error.Code == JobErrorCodes.Cancelled)
        {
            try
            {
                await StopAsync(jobId, batchId, cancellationToken);
            }
            catch (SidecarAwayException)
            {
                // Not here: other jobs' changes are not to wait for the engine.
                _ = StopLaterAsync(jobId, batchId, cancellationToken);
            }
        }
        else if (error.Code == JobErrorCodes.Stalled
            && await store.FindAsync(batchId, cancellationToken) is { Status: BatchStatus.Sending or BatchStatus.Completed } batch
            && batch.JobId == jobId)
        {
            await batchJobs.IsWantedAsync(batch, cancellationToken);
        }
    }

    private async Task StopAsync(string jobId, Guid batchId, CancellationToken cancellationToken)
    {
        await workflows.StopAsync(batchId, cancellationToken);

        // A workflow that had to be ended from outside has not ended its batch.
        if (await store.FindAsync(batchId, cancellationToken) is { Status: BatchStatus.Sending } batch && batch.JobId == jobId
            && await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is null or { State: JobState.Failed, Error.Code: JobErrorCodes.Cancelled })
        {
            await ending.EndAsync(new BatchEnd(batchId, BatchStatus.Cancelled, 0), cancellationToken);
        }
    }

    private async Task StopLaterAsync(string jobId, Guid batchId, CancellationToken cancellationToken)
    {
        LogStopsLater(batchId);
        try
        {
            while (true)
            {
                await Task.Delay(Pause, time, cancellationToken);
                try
                {
                    // One that somebody has retried meanwhile is wanted again.
                    if (await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is null or { State: JobState.Failed, Error.Code: JobErrorCodes.Cancelled })
                    {
                        await StopAsync(jobId, batchId, cancellationToken);
                    }

                    return;
                }
                catch (Exception exception) when (exception is SidecarAwayException or JobStoreUnavailableException)
                {
                    // Asked again after the pause.
                }
            }
        }
#pragma warning disable CA1031 // Nobody awaits this; the batch stops with its next chunk, or when it is resumed.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogInterrupted(exception);
        }
#pragma warning restore CA1031
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} was cancelled, but the workflow engine does not answer; it is told as soon as it does")]
    private partial void LogStopsLater(Guid batchId);

    [LoggerMessage(LogLevel.Warning, "Watching for batch jobs that fail was interrupted; a batch that is cancelled meanwhile stops with its next chunk")]
    private partial void LogInterrupted(Exception exception);
}
