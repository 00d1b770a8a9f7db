using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Puts on record what the queues were like, from looks that are made anyway: no job costs more for it.</summary>
internal sealed class TrendWatch(ITrendStore trends, IJobReader jobs)
{
    // The minutes of the bucket before are told once more when a new one begins: what ended in its last seconds belongs to it.
    private const int MinutesBack = 11;

    private DateTimeOffset _toldUntil;

    public async Task LookAsync(QueueSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!snapshot.IsStoreAvailable)
        {
            return; // A chart has a gap there.
        }

        try
        {
            var ended = await EndedAsync(snapshot, cancellationToken);
            await Task.WhenAll(snapshot.Queues.Select(queue => trends.NoteAsync(queue.Name, [.. Seen(queue, snapshot.At), .. ended.GetValueOrDefault(queue.Name, [])], cancellationToken)));
        }
        catch (JobStoreUnavailableException)
        {
            // It has gone since, or is full: both are told elsewhere.
        }
    }

    private static IEnumerable<TrendNote> Seen(QueueMetrics queue, DateTimeOffset at) =>
        ((TrendRing[])[TrendRing.Minutes, TrendRing.Week]).Select(ring => new TrendNote(ring, new TrendBucket(ring.StartOf(at))
        {
            Waiting = queue.Waiting + queue.Paused,
            Active = queue.Active,
            Delayed = queue.Delayed,
            LongestWait = queue.OldestWaitingAt is { } oldest && at > oldest ? (long)(at - oldest).TotalMilliseconds : 0,
        }));

    // The job store keeps what ended in each minute for a day; what a week needs is added up here, once a minute.
    private async Task<Dictionary<string, List<TrendNote>>> EndedAsync(QueueSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.At < _toldUntil)
        {
            return [];
        }

        var histories = await jobs.GetHistoryAsync([.. snapshot.Queues.Select(queue => queue.Name)], MinutesBack, cancellationToken);
        _toldUntil = snapshot.At.AddMinutes(1);
        return histories.ToDictionary(history => history.Name, history => history.Minutes.GroupBy(minute => TrendRing.Week.StartOf(minute.Minute)).Select(Ended).ToList());
    }

    private static TrendNote Ended(IGrouping<long, QueueMinute> minutes) => new(TrendRing.Week, new TrendBucket(minutes.Key)
    {
        Completed = minutes.Sum(minute => minute.Completed),
        Failed = minutes.Sum(minute => minute.Failed),
        Stalled = minutes.Sum(minute => minute.Stalled),
        P50 = Whole(minutes.Max(minute => minute.P50)),
        P95 = Whole(minutes.Max(minute => minute.P95)),
    });

    private static long Whole(double? milliseconds) => milliseconds is { } time ? (long)Math.Ceiling(time) : -1;
}
