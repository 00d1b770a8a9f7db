using Dapr.Workflow;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Sends a batch: plan, then chunk after chunk with a pause between them, then the end. Its history stays small: recipients lie in the state store, and
/// after some chunks it goes on as a new run of the same instance.
/// </summary>
internal sealed class BatchSendWorkflow : Workflow<BatchRun, BatchResult>
{
    /// <summary>The external event that ends a batch after the chunk that is being sent.</summary>
    public const string CancelEvent = "cancel";

    // Chunks in one history. A chunk makes some 1 KiB of it with its pause, and every turn replays all of it.
    private const int ChunksPerHistory = 50;

    // Some five minutes in all, so that a restart of Redis or of the sidecar goes by.
    private static readonly WorkflowTaskOptions Retries = new(
        new WorkflowRetryPolicy(maxNumberOfAttempts: 14, TimeSpan.FromMilliseconds(500), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30)));

    /// <inheritdoc/>
    public override async Task<BatchResult> RunAsync(WorkflowContext context, BatchRun input)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(input);
        var run = input;
        var cancelled = context.WaitForExternalEventAsync<string?>(CancelEvent);
        if (run.Plan is null)
        {
            var made = await context.CallActivityAsync<BatchPlan>(nameof(PlanBatch), run, Retries);
            run = run with { Plan = made, NextChunk = made.FirstChunk, Processed = Math.Min(made.FirstChunk * made.ChunkSize, made.RecipientCount) };
        }

        var plan = run.Plan!;
        if (plan.Error is not null)
        {
            return await EndAsync(context, run, BatchStatus.Failed);
        }

        for (var until = run.NextChunk + ChunksPerHistory; run.NextChunk < plan.ChunkCount;)
        {
            if (cancelled.IsCompleted)
            {
                return await EndAsync(context, run, BatchStatus.Cancelled);
            }

            if (run.NextChunk >= until)
            {
                context.ContinueAsNew(run);
                return null!;
            }

            context.SetCustomStatus(new BatchProgress(run.NextChunk, plan.ChunkCount, run.Processed, plan.RecipientCount, run.Failed));
            var sent = await Task.WhenAll(Enumerable
                .Range(run.NextChunk, Math.Min(plan.Parallel, plan.ChunkCount - run.NextChunk))
                .Select(chunk => context.CallActivityAsync<ChunkSent>(nameof(SendChunk), new ChunkToSend(run.BatchId, chunk), Retries)));

            // A chunk that found the batch cancelled is the one with which a retry goes on.
            var whole = Array.FindIndex(sent, chunk => chunk.IsCancelled) is var first and >= 0 ? first : sent.Length;
            run = run with
            {
                NextChunk = run.NextChunk + whole,
                Processed = run.Processed + sent.Sum(chunk => chunk.Processed),
                Failed = run.Failed + sent.Sum(chunk => chunk.Failed),
            };
            if (sent.Any(chunk => chunk.IsCancelled))
            {
                return await EndAsync(context, run, BatchStatus.Cancelled);
            }

            // Instances that began before this was noticed pause after their last chunk too.
            if (plan.ChunkDelay > 0 && (run.NextChunk < plan.ChunkCount || !context.IsPatched("no-last-pause")))
            {
                await PauseAsync(context, plan.ChunkDelay, cancelled);
            }
        }

        return await EndAsync(context, run, BatchStatus.Completed);
    }

    private static async Task PauseAsync(WorkflowContext context, int milliseconds, Task cancelled)
    {
        using var ended = new CancellationTokenSource();
        await Task.WhenAny(context.CreateTimer(context.CurrentUtcDateTime.AddMilliseconds(milliseconds), ended.Token), cancelled);
#pragma warning disable CA1849 // Cancelled in place: another thread would not be deterministic.
        ended.Cancel();
#pragma warning restore CA1849
    }

    private static Task<BatchResult> EndAsync(WorkflowContext context, BatchRun run, BatchStatus status)
    {
        var plan = run.Plan!;
        context.SetCustomStatus(new BatchProgress(run.NextChunk, plan.ChunkCount, run.Processed, plan.RecipientCount, run.Failed));
        var next = status == BatchStatus.Cancelled ? run.NextChunk : 0;
        return context.CallActivityAsync<BatchResult>(nameof(EndBatch), new BatchEnd(run.BatchId, status, run.Processed, plan.Error, next), Retries);
    }
}
