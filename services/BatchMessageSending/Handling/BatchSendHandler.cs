using System.Globalization;
using System.Text.Json;
using Dapr;
using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Starts a batch's workflow or finds back to it, shows its progress, and ends with it. The batch may take as long as it takes: shortly before the job's
/// timeout the attempt is put off for a moment, which costs nothing, and the next one goes on watching. The job of a paused batch is delayed meanwhile,
/// so that it keeps no slot of the queue.
/// </summary>
public sealed class BatchSendHandler(BatchWorkflows workflows, BatchStore store, BatchEnding ending, IOptions<BatchOptions> options, TimeProvider time)
    : IJobHandler<BatchSendJob>
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Shortly = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EngineAway = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PatienceToStop = TimeSpan.FromSeconds(25);

    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<BatchSendJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var batchId = BatchIds.Batch(job.Id, job.Data.BatchId);
        try
        {
            return await FollowAsync(job, batchId, cancellationToken);
        }
        catch (OperationCanceledException) when (job.StopCause == StopCause.Cancelled)
        {
            return await CancelAsync(batchId);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Cancelled && job.StopCause == StopCause.Cancelled)
        {
            return await CancelAsync(batchId);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && !cancellationToken.IsCancellationRequested)
        {
            return new JobOutcome.Snooze(EngineAway, "The sidecar's workflow engine does not answer.");
        }
        catch (DaprException exception) when (exception.InnerException is RpcException { StatusCode: StatusCode.Unavailable } && !cancellationToken.IsCancellationRequested)
        {
            return new JobOutcome.Snooze(EngineAway, "The sidecar does not answer.");
        }
    }

    private async Task<JobOutcome> FollowAsync(Job<BatchSendJob> job, Guid batchId, CancellationToken cancellationToken)
    {
        var batch = await store.FindAsync(batchId, cancellationToken);
        if (batch is not null && batch.JobId != job.Id)
        {
            return new JobOutcome.Fail(BatchTexts.TakenByAnotherJob(batch));
        }

        // The batch's end is on record before its workflow has taken its last turn: one that still runs is waited for, below.
        if (batch is { Status: BatchStatus.Completed } && await workflows.FindAsync(batchId, cancellationToken) is null or { IsWorkflowCompleted: true })
        {
            await workflows.ForgetAsync(batchId, cancellationToken);
            return new JobOutcome.Completed(await ending.ResultAsync(batch, cancellationToken));
        }

        await workflows.EnsureStartedAsync(batchId, job.Id, cancellationToken);
        var since = time.GetTimestamp();
        var watch = job.Info.Timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : job.Info.Timeout - Min(LongestMargin, job.Info.Timeout / 5);
        while (time.GetElapsedTime(since) < watch)
        {
            var state = await workflows.FindAsync(batchId, cancellationToken);
            if (state is not null)
            {
                await ShowAsync(job, batchId, state);
            }

            if (state is null or { IsWorkflowCompleted: true })
            {
                return await EndAsync(batchId, state, cancellationToken);
            }

            if (state.RuntimeStatus == WorkflowRuntimeStatus.Suspended)
            {
                return new JobOutcome.Snooze(options.Value.PausedInterval, "The batch is paused.") { StartsAnew = true };
            }

            await workflows.WaitForEndAsync(batchId, Min(options.Value.ProgressInterval, watch), cancellationToken);
        }

        return new JobOutcome.Snooze(Shortly, "The batch is still being sent.") { StartsAnew = true };
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static async Task ShowAsync(Job<BatchSendJob> job, Guid batchId, WorkflowState state)
    {
        if (state.ReadCustomStatusAs<BatchProgress>() is not { } progress)
        {
            await job.ReportProgressAsync(0, "planning");
            return;
        }

        var chunk = Math.Min(progress.Chunk + 1, progress.Chunks);
        await job.ReportProgressAsync(
            progress.Total == 0 ? 0 : 100.0 * progress.Processed / progress.Total,
            string.Create(CultureInfo.InvariantCulture, $"chunk {chunk} of {progress.Chunks}"),
            chunk,
            progress.Chunks,
            JsonSerializer.SerializeToElement(
                new ShownProgress(progress.Processed, progress.Total, progress.Failed, batchId), JsonSerializerOptions.Web));
    }

    private async Task<JobOutcome> EndAsync(Guid batchId, WorkflowState? state, CancellationToken cancellationToken)
    {
        switch (state)
        {
            case null:
                return new JobOutcome.Retry("The batch's workflow is not there any more.");
            case { RuntimeStatus: WorkflowRuntimeStatus.Completed } when state.ReadOutputAs<BatchResult>() is { } result:
                await workflows.ForgetAsync(batchId, cancellationToken);
                return result.Status switch
                {
                    BatchStatus.Completed => new JobOutcome.Completed(result),
                    BatchStatus.Cancelled => Cancelled(batchId, result.ProcessedCount, result.RecipientCount),
                    _ => new JobOutcome.Fail(result.Reason ?? "The batch failed."),
                };
            case { RuntimeStatus: WorkflowRuntimeStatus.Terminated }:
                return await CancelAsync(batchId);
            default:
                var reason = $"The batch's workflow failed: {state.FailureDetails?.ErrorMessage ?? "it says no reason."}";
                await ending.EndAsync(new BatchEnd(batchId, BatchStatus.Failed, Processed(state), reason), cancellationToken);
                await workflows.ForgetAsync(batchId, cancellationToken);
                return new JobOutcome.Fail(reason);
        }
    }

    // Not with the attempt's token, which has fired: the batch has to be told all the same.
    private async Task<JobOutcome> CancelAsync(Guid batchId)
    {
        using var patience = new CancellationTokenSource(PatienceToStop, time);
        var state = await workflows.StopAsync(batchId, patience.Token);
        if (state is null)
        {
            return Cancelled(batchId, 0, 0);
        }

        if (state.ReadOutputAs<BatchResult>() is { } result)
        {
            return result.Status == BatchStatus.Completed
                ? new JobOutcome.Completed(result)
                : Cancelled(batchId, result.ProcessedCount, result.RecipientCount);
        }

        await ending.EndAsync(new BatchEnd(batchId, BatchStatus.Cancelled, Processed(state)), patience.Token);
        return Cancelled(batchId, Processed(state), state.ReadCustomStatusAs<BatchProgress>()?.Total ?? 0);
    }

    private static int Processed(WorkflowState state) => state.ReadCustomStatusAs<BatchProgress>()?.Processed ?? 0;

    private static JobOutcome.Cancel Cancelled(Guid batchId, int processed, int total) => new(total == 0
        ? "The batch was cancelled before anything was sent."
        : string.Create(CultureInfo.InvariantCulture, $"The batch was cancelled after {processed} of {total} recipients; GET /batches/{batchId}/recipients?state=sent tells which ones."));

    private sealed record ShownProgress(int Processed, int Total, int Failed, Guid BatchId);
}
