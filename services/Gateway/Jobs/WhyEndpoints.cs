using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Why a job is where it is.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">Its state.</param>
/// <param name="Reasons">What keeps it from running, what weighs most first; of one that runs or has ended, that it does.</param>
/// <param name="Timestamp">When this was so.</param>
internal sealed record JobWhy(string JobId, string Queue, JobState State, IReadOnlyList<WhyReason> Reasons, DateTimeOffset Timestamp);

/// <summary>One reason.</summary>
/// <param name="Code">paused, no-worker, busy, stuck, queued, no-event, retrying, snoozed, scheduled, running, cancelling, completed, failed.</param>
/// <param name="Text">The reason in a sentence.</param>
/// <param name="Since">Since when; null where that is not known.</param>
/// <param name="Until">Until when, where the end is known.</param>
internal sealed record WhyReason(string Code, string Text, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>Tells why a job does not run.</summary>
internal static class WhyEndpoints
{
    public static void MapWhy(this IEndpointRouteBuilder queues) =>
        queues.MapGet("/{queue}/jobs/{id}/why", async (string queue, string id, JobReasons reasons, IJobReader store, CancellationToken cancellationToken) =>
                await reasons.FindAsync(queue, id, cancellationToken) is { } why ? TypedResults.Ok(why) : await Problems.UnknownJobAsync(store, queue, id, cancellationToken))
            .RequireQueue()
            .Produces<JobWhy>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetJobWhy")
            .WithSummary("Why a job does not run")
            .WithDescription("Paused by whom, no worker, all slots in use, due when, postponed why and how often, no event in flight.");
}

/// <summary>Looks up what keeps a job from running.</summary>
internal sealed class JobReasons(IJobReader store, IWorkerRegistry registry, ILaneInspector lanes, IAuditLog audit, TimeProvider time)
{
    private const int LookedAtOfAudit = 500;

    public async Task<JobWhy?> FindAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(queue, jobId, cancellationToken) is not { } job)
        {
            return null;
        }

        IReadOnlyList<WhyReason> reasons = job.State switch
        {
            JobState.Waiting or JobState.Paused => await OfWaitingAsync(job, cancellationToken),
            JobState.Delayed => await OfDelayedAsync(job, cancellationToken),
            JobState.Active => [new WhyReason("running", $"It runs: attempt {job.AttemptsMade + 1} of {job.MaxAttempts}.", job.StartedAt)],
            JobState.Completed => [new WhyReason("completed", "It is done.", job.FinishedAt)],
            _ => [new WhyReason("failed", $"It failed for good ({job.Error?.Code ?? JobErrorCodes.Handler}): {job.Error?.Message ?? "no error is on record"} Retry it once the cause is gone.", job.FinishedAt)],
        };
        return new JobWhy(jobId, queue, job.State, reasons, time.GetUtcNow());
    }

    private async Task<IReadOnlyList<WhyReason>> OfWaitingAsync(JobRecord job, CancellationToken cancellationToken)
    {
        var metrics = (await store.GetMetricsAsync([job.Queue], cancellationToken))[0];
        var workers = new QueueWorkers(job.Queue, await registry.ListAsync(job.Queue, cancellationToken));
        List<WhyReason> reasons = [];
        if (metrics.IsPaused)
        {
            reasons.Add(await PausedAsync(job.Queue, cancellationToken));
        }

        AddWorkers(reasons, job.Queue, workers);
        var others = (metrics.IsPaused ? metrics.Paused : metrics.Waiting) - 1;
        if (others > 0)
        {
            reasons.Add(new WhyReason(
                "queued", $"It waits among {others} other jobs of the queue; more urgent ones begin first, then those that have waited longest.", job.CreatedAt));
        }

        if (!metrics.IsPaused && await HasNoEventAsync(job, cancellationToken))
        {
            reasons.Add(new WhyReason("no-event", "No event of it is in flight, as after a loss in Redis or a sidecar that is away; the gateway sends another one within seconds.", job.CreatedAt));
        }

        return reasons.Count > 0 ? reasons : [new WhyReason("queued", "It is its turn: a worker begins it in a moment.", job.CreatedAt)];
    }

    private async Task<IReadOnlyList<WhyReason>> OfDelayedAsync(JobRecord job, CancellationToken cancellationToken)
    {
        List<WhyReason> reasons =
        [
            job.Snoozes > 0
                ? new WhyReason(
                    "snoozed",
                    $"It was postponed {(job.Snoozes == 1 ? "once" : $"{job.Snoozes} times")} through no fault of its own{(job.SnoozeReason is { Length: > 0 } why ? $": {why}" : ".")}",
                    job.SnoozedSince,
                    job.NextAttemptAt)
                : job.AttemptsMade > 0
                    ? new WhyReason(
                        "retrying", $"Attempt {job.AttemptsMade} of {job.MaxAttempts} failed: {job.Error?.Message ?? "no error is on record"} The next one begins when its pause is over.",
                        job.Attempts is [.., var last] ? last.FinishedAt : null,
                        job.NextAttemptAt)
                    : new WhyReason("scheduled", "Its publisher asked for a delay. Promote it to begin at once.", job.CreatedAt, job.NextAttemptAt),
        ];
        var metrics = (await store.GetMetricsAsync([job.Queue], cancellationToken))[0];
        if (metrics.IsPaused)
        {
            reasons.Add(await PausedAsync(job.Queue, cancellationToken));
        }

        if (await registry.ListAsync(job.Queue, cancellationToken) is { Count: 0 } none)
        {
            AddWorkers(reasons, job.Queue, new QueueWorkers(job.Queue, none));
        }

        return reasons;
    }

    private static void AddWorkers(List<WhyReason> reasons, string queue, QueueWorkers workers)
    {
        if (workers.Workers.Count == 0)
        {
            reasons.Add(new WhyReason("no-worker", $"No worker is alive: start the service {queue}, or look why it does not come up."));
            return;
        }

        if (workers.SlotsStuck > 0)
        {
            reasons.Add(new WhyReason("stuck", $"{workers.SlotsStuck} of the workers' {workers.Slots} slots are stuck: their handlers were told to stop and have not. Restart {string.Join(", ", workers.Workers.Where(worker => worker.SlotsStuck > 0).Select(worker => worker.Id))}."));
        }

        if (workers.SlotsInUse >= workers.Slots)
        {
            reasons.Add(new WhyReason("busy", $"All {workers.Slots} slots of {workers.Workers.Count} workers are in use. Scale the service out, or raise Queues:{queue}:Concurrency."));
        }
    }

    private async Task<WhyReason> PausedAsync(string queue, CancellationToken cancellationToken)
    {
        var paused = (await audit.ListAsync(LookedAtOfAudit, cancellationToken)).FirstOrDefault(entry => entry.Action == "PauseQueue" && entry.Queue == queue);
        return paused is null
            ? new WhyReason("paused", "The queue is paused. Resume it.")
            : new WhyReason("paused", $"The queue was paused by {paused.Who}{(paused.Reason is { } why ? $": {why}" : string.Empty)}. Resume it.", paused.At);
    }

    // As the reconciler sees it: entries are as old as their ids, and what waits for longer than the oldest has none.
    private async Task<bool> HasNoEventAsync(JobRecord job, CancellationToken cancellationToken)
    {
        var oldest = await lanes.GetOldestEventsAsync(job.Queue, cancellationToken);
        var waited = time.GetUtcNow() - (job.Attempts is [.., var last] ? last.FinishedAt : job.CreatedAt);
        return waited > ILaneInspector.TakenAfter && oldest.TryGetValue(job.Priority, out var age) && age + ILaneInspector.TakenAfter < waited;
    }
}
