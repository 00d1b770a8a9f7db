using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Stops the workflows of batches whose job is cancelled while no handler watches them: while they are paused, above all. One that is missed stops with
/// its next chunk.
/// </summary>
internal sealed partial class CancelledBatches(IJobStore jobs, BatchWorkflows workflows, TimeProvider time, ILogger<CancelledBatches> logger) : BackgroundService
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
                        await StopAsync(change.JobId, stoppingToken);
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

    private async Task StopAsync(string jobId, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is { State: JobState.Failed, Error.Code: JobErrorCodes.Cancelled } record)
        {
            await workflows.StopAsync(BatchIds.Of(record), cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Watching for cancelled batches was interrupted; a batch that is cancelled meanwhile stops with its next chunk")]
    private partial void LogInterrupted(Exception exception);
}
