using System.Collections.Concurrent;
using System.Threading.Channels;
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
    // Jobs of one lane that may wait in memory for their events, some 15 MB of them; the others wait on record, which costs more calls of the store.
    private const int MostWaiting = 100_000;

    // What one call asks for in the job store at most, and what gathers here at most: some milliseconds of Redis' and of the sidecar's time.
    private const int LargestBatch = 1000;

    // Publishes of one lane under way at once: enough to keep the sidecar busy, few enough for events to gather.
    private const int Flights = 2;

    // What has not gone out by then is on record as waiting, and the reconciler finds it.
    private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Queue, JobPriority Lane), Line> _lines = new();

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
        foreach (var lane in jobs.GroupBy(job => job.Priority))
        {
            JobEvent[] some = [.. lane];
            if (!_lines.GetOrAdd((queue, lane.Key), static (key, announcer) => new Line(announcer, key.Queue), this).TryEnqueue(some))
            {
                (late ??= []).AddRange(some);
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

    /// <summary>The jobs of one lane that wait for their event to go out.</summary>
    private sealed class Line
    {
        private readonly Announcer _announcer;
        private readonly string _queue;
        private readonly Channel<JobEvent[]> _waiting = Channel.CreateUnbounded<JobEvent[]>();
        private readonly Task _flights;
        private int _count;

        public Line(Announcer announcer, string queue)
        {
            _announcer = announcer;
            _queue = queue;
            // The trace of whoever happened to come first is not that of all who follow.
            using (ExecutionContext.SuppressFlow())
            {
                _flights = Task.WhenAll(Enumerable.Range(0, Flights).Select(_ => Task.Run(FlyAsync)));
            }
        }

        /// <returns>False when the line has ended.</returns>
        public bool TryEnqueue(JobEvent[] jobs)
        {
            Interlocked.Add(ref _count, jobs.Length);
            return _waiting.Writer.TryWrite(jobs);
        }

        public async Task EndAsync()
        {
            _waiting.Writer.TryComplete();
            await _flights;
        }

        private async Task FlyAsync()
        {
            var batch = new List<JobEvent>();
            while (await _waiting.Reader.WaitToReadAsync())
            {
                batch.Clear();

                // While the sidecar is slow, what is beyond the bound waits on record rather than here.
                var isTooMany = Volatile.Read(ref _count) > MostWaiting;
                while (batch.Count < LargestBatch && _waiting.Reader.TryRead(out var next))
                {
                    batch.AddRange(next);
                }

                if (batch.Count > 0)
                {
                    Interlocked.Add(ref _count, -batch.Count);
                    await SendAsync(batch, isTooMany);
                }
            }
        }

        private async Task SendAsync(List<JobEvent> batch, bool isTooMany)
        {
            try
            {
                await (isTooMany ? _announcer.HandBackAsync(_queue, batch) : _announcer.PublishAsync(_queue, batch, CancellationToken.None));
            }
#pragma warning disable CA1031 // One batch's trouble must not end all those after it; its jobs are on record, and the reconciler finds them.
            catch (Exception exception)
            {
                _announcer.LogEventsLate(exception, _queue, batch.Count);
            }
#pragma warning restore CA1031
        }
    }
}
