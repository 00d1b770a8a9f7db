using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>
/// Plans a clean-up, then removes batch after batch; each one that is done is a step, so that another attempt goes on behind it. The search index forgets
/// messages before their owner does: if the process dies in between, the next attempt still finds them and nothing stays findable for ever.
/// </summary>
internal sealed class RetentionCleanup(
    IMessageOwner owner, ISearchIndex index, IOptions<CleanupOptions> options, TimeProvider time)
{
    private const int DefaultRetentionDays = 90;
    private const int DefaultBatchSize = 1000;

    // A job has at most 1,000 steps: of more batches than this, several are one step.
    private const int MaxSteps = 500;

    private static readonly TimeSpan ServiceAway = TimeSpan.FromSeconds(5);

    public async Task<JobOutcome> HandleAsync(Job<CleanupMessagesJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        try
        {
            return await CleanUpAsync(job, cancellationToken);
        }
        catch (ServiceAwayException exception)
        {
            return new JobOutcome.Snooze(ServiceAway, exception.Message);
        }
    }

    private async Task<JobOutcome> CleanUpAsync(Job<CleanupMessagesJob> job, CancellationToken cancellationToken)
    {
        var (data, started) = (job.Data, time.GetTimestamp());
        if (WhyNot(data) is { } refusal)
        {
            return new JobOutcome.Fail(refusal);
        }

        var plan = await job.StepAsync("plan", token => PlanAsync(job, token), cancellationToken);
        if (data.DryRun ?? false)
        {
            await job.ReportProgressAsync(100, "counted");
            return new JobOutcome.Completed(new CleanupResult(data.CleanupType, true, null, plan.Total, 0, plan.OlderThan));
        }

        var state = new CleanupState(0, 0, null, IsDone: false);
        for (var step = 1; !state.IsDone; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsTimeUp() && state.Batches > 0)
            {
                return new JobOutcome.Snooze(TimeSpan.FromSeconds(1), "There is more to remove than one run may take.") { StartsAnew = true };
            }

            // What ends the job ends it between two batches: one that has begun is finished and accounted for.
            var (before, isLast) = (state, step >= MaxSteps);
            state = await job.StepAsync($"batches {step}", _ => RunBatchesAsync(job, plan, before, isLast, IsOver), CancellationToken.None);
        }

        await job.ReportProgressAsync(100, "done", Math.Max(state.Batches, 1), Math.Max(state.Batches, 1));
        return new JobOutcome.Completed(new CleanupResult(data.CleanupType, false, state.Deleted, null, state.Batches, plan.OlderThan));

        bool IsTimeUp() => time.GetElapsedTime(started) >= TimeSpan.FromSeconds(options.Value.RunSeconds);
        bool IsOver() => cancellationToken.IsCancellationRequested || IsTimeUp();
    }

    // By this service's clock, when the job runs: what a publisher's clock says is not believed.
    private string? WhyNot(CleanupMessagesJob data)
    {
        var (now, least) = (time.GetUtcNow(), options.Value.MinimumAge);
        var limit = data.OlderThan;
        return limit is not null && data.RetentionDays is not null ? "olderThan: and retentionDays both say what goes; give one of them."
            : limit is not null && limit > now ? "olderThan: lies in the future, where everything would be older; give a time in the past, or retentionDays."
            : limit is not null && limit > now - least ? $"olderThan: would remove what is younger than {least:c} (Cleanup:MinimumAge); give an earlier time."
            : data.RetentionDays is { } days && TimeSpan.FromDays(days) < least ? $"retentionDays: would remove what is younger than {least:c} (Cleanup:MinimumAge); give more days."
            : null;
    }

    private static int BatchSizeOf(CleanupMessagesJob data) => data.BatchSize ?? DefaultBatchSize;

    private static CleanupRequest RequestOf(CleanupMessagesJob data, DateTimeOffset olderThan) =>
        new(olderThan, data.ConversationIds, data.UserIds, BatchSizeOf(data), DryRun: false, Cursor: null);

    private static int ExpectedBatches(CleanupMessagesJob data, CleanupPlan plan) =>
        (int)Math.Clamp((plan.Total + BatchSizeOf(data) - 1) / BatchSizeOf(data), 1, int.MaxValue);

    private static ValueTask ReportAsync(Job<CleanupMessagesJob> job, CleanupPlan plan, CleanupState state) => job.ReportProgressAsync(
        plan.Total == 0 ? 0 : Math.Min(99, 100.0 * state.Deleted / plan.Total),
        "remove",
        state.Batches,
        Math.Max(state.Batches, ExpectedBatches(job.Data, plan)));

    private async Task<CleanupPlan> PlanAsync(Job<CleanupMessagesJob> job, CancellationToken cancellationToken)
    {
        await job.ReportProgressAsync(0, "count");
        var olderThan = job.Data.OlderThan ?? time.GetUtcNow().AddDays(-(job.Data.RetentionDays ?? DefaultRetentionDays));
        var request = RequestOf(job.Data, olderThan);
        var total = 0L;
        do
        {
            var part = await owner.CountAsync(job.Data.CleanupType, request, cancellationToken);
            total += part.Count;
            request = request with { Cursor = part.NextCursor };
        }
        while (request.Cursor is not null);

        return new CleanupPlan(olderThan, total);
    }

    private async Task<CleanupState> RunBatchesAsync(Job<CleanupMessagesJob> job, CleanupPlan plan, CleanupState state, bool isLast, Func<bool> isOver)
    {
        var batches = isLast ? int.MaxValue : 1 + ((ExpectedBatches(job.Data, plan) - 1) / MaxSteps);
        do
        {
            state = await RunBatchAsync(job.Data, plan, state);
            await ReportAsync(job, plan, state);
        }
        while (--batches > 0 && !state.IsDone && !isOver());

        return state;
    }

    private async Task<CleanupState> RunBatchAsync(CleanupMessagesJob data, CleanupPlan plan, CleanupState state)
    {
        var request = RequestOf(data, plan.OlderThan) with { Cursor = state.NextCursor };
        IReadOnlyList<Guid> forgotten = [];
        if (data.CleanupType != CleanupType.ExpiredAttachments)
        {
            forgotten = (await owner.RunAsync(data.CleanupType, request with { DryRun = true }, CancellationToken.None)).MessageIds;
            await index.ForgetAsync(forgotten, CancellationToken.None);
        }

        var batch = await owner.RunAsync(data.CleanupType, request, CancellationToken.None);

        // Those that have become part of the batch since it was looked at.
        await index.ForgetAsync([.. batch.MessageIds.Except(forgotten)], CancellationToken.None);
        return new CleanupState(state.Deleted + batch.Deleted, state.Batches + 1, batch.NextCursor, batch.NextCursor is null);
    }
}
