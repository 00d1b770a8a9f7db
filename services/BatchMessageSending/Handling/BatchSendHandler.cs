using System.Globalization;
using System.Text.Json;
using Dapr.Workflow;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Starts a batch's workflow or finds back to it, shows its progress, and ends with it. The batch may take as long as it takes: shortly before the job's
/// timeout the attempt is put off for a moment, which costs nothing, and the next one goes on watching. The job of a paused batch is delayed meanwhile,
/// so that it keeps no slot of the queue. A workflow engine that does not answer costs no attempt either: the job's record says so, and only when that
/// lasts longer than anybody repairs one does the job fail.
/// </summary>
internal sealed class BatchSendHandler(
    BatchWorkflows workflows, BatchStore store, BatchEnding ending, EngineAbsence absence, IOptions<BatchOptions> options, TimeProvider time) : IJobHandler<BatchSendJob>
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Shortly = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PatienceToStop = TimeSpan.FromSeconds(25);

    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<BatchSendJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var batchId = BatchIds.Batch(job.Id, job.Data.BatchId);
        var timeout = job.Info.Timeout;
        var margin = Min(LongestMargin, timeout / 5);

        // Answers that take longer than the attempt has left are none: it is put off before its timeout would count it as failed.
        using var nearlyOver = timeout == Timeout.InfiniteTimeSpan ? new CancellationTokenSource() : new CancellationTokenSource(timeout - (margin / 2), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, nearlyOver.Token);
        var hasAnswered = false;
        try
        {
            return await FollowAsync(job, batchId, timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - margin, () => hasAnswered = true, either.Token);
        }
        catch (OperationCanceledException) when (job.StopCause == StopCause.Cancelled)
        {
            return await StopAsync(batchId);
        }
        catch (OperationCanceledException) when (job.StopCause == StopCause.Timeout || (nearlyOver.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            // Also when the timeout came first, on a machine that stood still meanwhile: a batch that got on has not failed for that.
            return await absence.PutOffAsync(job, batchId, hasAnswered, $"{SidecarAwayException.Engine} within the job's timeout.", cancellationToken);
        }
        catch (SidecarAwayException away)
        {
            return await absence.PutOffAsync(job, batchId, hasAnswered, away.Message, cancellationToken);
        }
    }

    private async Task<JobOutcome> FollowAsync(Job<BatchSendJob> job, Guid batchId, TimeSpan watch, Action answered, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var state = await workflows.FindAsync(batchId, null, cancellationToken);
        var batch = await store.FindAsync(batchId, cancellationToken);
        if (batch is not null && batch.JobId != job.Id)
        {
            return new JobOutcome.Fail(BatchTexts.TakenByAnotherJob(batch));
        }

        // The batch's end is on record before its workflow has taken its last turn: one that still runs is waited for, below.
        if (batch is { Status: BatchStatus.Completed } && state is null or { IsWorkflowCompleted: true })
        {
            await TryForgetAsync(batchId, cancellationToken);
            return new JobOutcome.Completed(await ending.ResultAsync(batch, cancellationToken));
        }

        if (state is null)
        {
            await workflows.StartAsync(batchId, job.Id, cancellationToken);
        }

        // Not before: an engine may tell that there is no workflow, and never start one.
        answered();
        while (watch - time.GetElapsedTime(since) is var rest && rest > TimeSpan.Zero)
        {
            state = await workflows.FindAsync(batchId, null, cancellationToken);
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

            if (Standstill(job, state) is { } standstill && standstill > options.Value.EnginePatience)
            {
                return new JobOutcome.Fail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The workflow engine answers, but has not got on with the batch since {state.LastUpdatedAt:u}. Look after Dapr's scheduler and placement; the batch goes on with them, and its job too."));
            }

            await workflows.WaitForEndAsync(batchId, Min(options.Value.ProgressInterval, rest), cancellationToken);
        }

        var reason = state?.RuntimeStatus == WorkflowRuntimeStatus.Pending
            ? "The workflow engine has not begun the batch: it waits for its scheduler, or for a worker to connect."
            : "The batch is still being sent.";
        return new JobOutcome.Snooze(Shortly, reason) { StartsAnew = true };
    }

    // How long the engine has done nothing that it should have done; a chunk's pause is no standstill.
    private TimeSpan Standstill(Job<BatchSendJob> job, WorkflowState state) =>
        time.GetUtcNow() - state.LastUpdatedAt - TimeSpan.FromMilliseconds(job.Data.ChunkDelay ?? 0);

    // A batch that has been sent completely is never started again, so that nothing depends on its workflow's being forgotten.
    private async Task TryForgetAsync(Guid batchId, CancellationToken cancellationToken)
    {
        try
        {
            await workflows.ForgetAsync(batchId, cancellationToken);
        }
        catch (SidecarAwayException)
        {
        }
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
                await (result.Status == BatchStatus.Completed ? TryForgetAsync(batchId, cancellationToken) : workflows.ForgetAsync(batchId, cancellationToken));
                return result.Status switch
                {
                    BatchStatus.Completed => new JobOutcome.Completed(result),
                    BatchStatus.Cancelled => Cancelled(result),
                    _ => new JobOutcome.Fail(result.Reason ?? "The batch failed."),
                };
            case { RuntimeStatus: WorkflowRuntimeStatus.Terminated }:
                return await StopAsync(batchId);
            default:
                var reason = $"The batch's workflow failed: {state.FailureDetails?.ErrorMessage ?? "it says no reason."}";
                await ending.EndAsync(new BatchEnd(batchId, BatchStatus.Failed, Processed(state), reason), cancellationToken);
                await workflows.ForgetAsync(batchId, cancellationToken);
                return new JobOutcome.Fail(reason);
        }
    }

    // Not with the attempt's token, which has fired: the batch has to be told all the same.
    private async Task<JobOutcome> StopAsync(Guid batchId)
    {
        using var patience = new CancellationTokenSource(PatienceToStop, time);
        try
        {
            return await CancelAsync(batchId, patience.Token);
        }
        catch (Exception exception) when (exception is SidecarAwayException || (exception is OperationCanceledException && patience.IsCancellationRequested))
        {
            // FailedBatchJobs tells the workflow as soon as the engine answers, and the next chunk finds its job cancelled.
            return new JobOutcome.Cancel($"The batch was cancelled. {SidecarAwayException.Engine}: what is being sent stops with the next chunk once it does.");
        }
    }

    private async Task<JobOutcome> CancelAsync(Guid batchId, CancellationToken cancellationToken)
    {
        var state = await workflows.StopAsync(batchId, cancellationToken);
        if (state?.ReadOutputAs<BatchResult>() is { } result)
        {
            return result.Status == BatchStatus.Completed ? new JobOutcome.Completed(result) : Cancelled(result);
        }

        // Its workflow has been ended, or is gone: the batch itself knows how far it came.
        return Cancelled(await ending.EndAsync(new BatchEnd(batchId, BatchStatus.Cancelled, 0), cancellationToken));
    }

    private static int Processed(WorkflowState state) => state.ReadCustomStatusAs<BatchProgress>()?.Processed ?? 0;

    private static JobOutcome.Cancel Cancelled(BatchResult result) => new(result.RecipientCount == 0
        ? "The batch was cancelled before anything was sent."
        : $"{BatchTexts.Cancelled(result.ProcessedCount, result.RecipientCount, result.RecalledCount)} {OnTheWay(result.QueuedCount)} GET /batches/{result.BatchId}/recipients?state=sent tells who was sent to. A retry goes on with the rest.");

    private static string OnTheWay(int count) => count switch
    {
        0 => "None is on the way.",
        1 => "1 has begun and goes out.",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} have begun and go out."),
    };

    private sealed record ShownProgress(int Processed, int Total, int Failed, Guid BatchId);
}
