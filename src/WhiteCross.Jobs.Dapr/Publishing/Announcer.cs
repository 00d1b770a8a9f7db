using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Announces jobs that are on record: whoever has added, promoted or found them hands them over here, and nobody who adds waits for the sidecar. Jobs of
/// one lane gather while earlier ones are on their way, and share an event; one that comes alone goes out at once. Events that could not be published, or that too many wait before, are asked for in the job store:
/// a promoter publishes them.
/// </summary>
internal sealed partial class Announcer(JobEventPublisher events, SidecarWatch sidecar, IJobOutbox store, TimeProvider time, ILogger<Announcer> logger)
{
    // What has not gone out by then is on record as waiting, and the reconciler finds it.
    private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Queue, JobPriority Lane), AnnouncementLine> _lines = new();

    /// <summary>Whether due jobs can be announced: not while the sidecar is away, but for a look now and then.</summary>
    public bool IsWorthTrying => sidecar.IsWorthTrying;

    /// <summary>In how long it is time to look whether the sidecar is back; null when it is not away, or when that is looked at.</summary>
    public TimeSpan? NextLookIn => sidecar.NextLookIn;

    /// <summary>Whether the sidecar did not answer last.</summary>
    public bool IsSidecarAway => sidecar.IsAway;

    /// <summary>Announces jobs; returns at once unless the process is ending, when it waits until their events are out, at most for the deadline.</summary>
    public ValueTask AnnounceAsync(string queue, IReadOnlyList<JobEvent> jobs)
    {
        List<JobEvent>? late = null;
        foreach (var lane in jobs.ByLane())
        {
            if (!_lines.GetOrAdd((queue, lane[0].Priority), static (key, announcer) => announcer.LineOf(key.Queue), this).TryEnqueue(lane))
            {
                (late ??= []).AddRange(lane);
            }
        }

        return late is null ? ValueTask.CompletedTask : new ValueTask(PublishAsync(queue, late, CancellationToken.None));
    }

    /// <summary>Announces jobs that the store has handed out, and tells it which are out.</summary>
    /// <returns>Whether all are.</returns>
    /// <exception cref="JobStoreUnavailableException">The store is away: the jobs are handed out again when their claim is over.</exception>
    public async Task<bool> AnnounceDueAsync(string queue, IReadOnlyList<JobEvent> jobs, CancellationToken cancellationToken)
    {
        var failed = await events.PublishAsync(queue, jobs, cancellationToken);
        JobClaim[] published = [.. (failed.Count == 0 ? jobs : jobs.Except(failed)).Select(ClaimOf)];
        if (published.Length > 0)
        {
            await store.ConfirmPublishedAsync(queue, published, cancellationToken);
        }

        if (failed.Count > 0)
        {
            await HandBackAsync(queue, failed);
        }

        return failed.Count == 0;
    }

    /// <summary>Waits for the events that gather here; who announces from now on waits for the event of its own.</summary>
    /// <param name="cancellationToken">Ends the waiting, as five seconds do.</param>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_lines.Values.Select(line => line.EndAsync())).WaitAsync(LongestClosing, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogClosedEarly();
        }
    }

    private AnnouncementLine LineOf(string queue) => new(
        async (jobs, areTooMany) =>
        {
            try
            {
                await (areTooMany ? HandBackAsync(queue, jobs) : PublishAsync(queue, jobs, CancellationToken.None));
            }
#pragma warning disable CA1031 // One batch's trouble must not end all those after it; its jobs are on record, and the reconciler finds them.
            catch (Exception exception)
            {
                LogEventsLate(exception, queue, jobs.Count);
            }
#pragma warning restore CA1031
        },
        time);

    private async Task PublishAsync(string queue, IReadOnlyList<JobEvent> jobs, CancellationToken cancellationToken)
    {
        var failed = await events.PublishAsync(queue, jobs, cancellationToken);
        if (failed.Count > 0)
        {
            await HandBackAsync(queue, failed);
        }
    }

    private static JobClaim ClaimOf(JobEvent job) => new(job.JobId, job.Claim);

    /// <summary>Asks for the events in the job store, at once: a sidecar that starts again gets them at a promoter's next look.</summary>
    private async Task HandBackAsync(string queue, IReadOnlyList<JobEvent> jobs)
    {
        try
        {
            await store.RequestEventsAsync(queue, [.. jobs.Select(ClaimOf)], CancellationToken.None);
        }
        catch (JobStoreUnavailableException exception)
        {
            // The jobs are on record as waiting without an event: exactly what the reconciler looks for.
            LogEventsLate(exception, queue, jobs.Count);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the events of {Count} jobs could neither be published nor asked for; the reconciler will publish them")]
    private partial void LogEventsLate(Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Events of added jobs had not all gone out when the service stopped; the reconciler will publish them")]
    private partial void LogClosedEarly();
}
