using System.Globalization;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Records, pages and metrics.</summary>
internal sealed partial class InMemoryQueue
{
    public JobRecord? Get(string jobId) => _jobs.TryGetValue(jobId, out var job) ? job.ToRecord(name, _isPaused) : null;

    public IReadOnlyList<KnownJob?> GetStates(IReadOnlyList<string> jobIds) => [.. jobIds.Select(StateOf)];

    public JobPage List(JobQuery query)
    {
        var entries = query is { State: JobState.Failed, Cause: { } cause } ? OfCause(cause) : Ordered(query.State);
        if (query.Cursor is null)
        {
            return Take(entries, query, hasNewer: false);
        }

        var cursor = JobCursor.Parse(query.Cursor);
        return cursor.IsBack
            ? TakeBack([.. entries.TakeWhile(entry => After(cursor, entry) < 0)], query)
            : Take(entries.Where(entry => After(cursor, entry) > 0), query, hasNewer: entries.Take(1).Any(entry => After(cursor, entry) <= 0));
    }

    public QueueMetrics GetMetrics()
    {
        var waiting = _waiting.Values.Sum(set => set.Count);
        var (average, failureRate) = _minutes.Window(Now);
        var oldest = _waiting.Values.SelectMany(set => set.Ascending).Select(entry => (DateTimeOffset?)_jobs[entry.Id].ReadySince).Min();
        return new QueueMetrics
        {
            Name = name,
            IsPaused = _isPaused,
            Waiting = _isPaused ? 0 : waiting,
            Paused = _isPaused ? waiting : 0,
            Active = _active.Count,
            Delayed = _delayed.Count,
            Completed = _completed.Count,
            Failed = _failed.Count,
            Added = _added,
            Removed = _removed,
            CompletedTotal = _completedTotal,
            FailedTotal = _failedTotal,
            StalledTotal = _stalledTotal,
            RetriedTotal = _retriedTotal,
            AverageProcessingTime = average,
            FailureRate = failureRate,
            OldestWaitingAt = oldest,
        };
    }

    public QueueHistory GetHistory(int minutes) => _minutes.History(name, Now, minutes);

    private KnownJob? StateOf(string jobId) => _jobs.TryGetValue(jobId, out var job)
        ? new KnownJob(Shown(job))
        : FindTombstone(jobId) is { IsRecalled: false } tombstone ? new KnownJob(StateOf(tombstone), tombstone.Remains) : null;

    // Above zero: it is older, and comes after the cursor; below: it is newer.
    private static int After(JobCursor cursor, (long Score, string Id) entry) =>
        entry.Score != cursor.Score ? cursor.Score.CompareTo(entry.Score) : string.CompareOrdinal(cursor.JobId, entry.Id);

    private JobPage Take(IEnumerable<(long Score, string Id)> entries, JobQuery query, bool hasNewer)
    {
        var jobs = new List<JobRecord>();
        var bytes = 0L;
        (long Score, string Id) first = (0, string.Empty);
        var last = first;
        string? next = null;
        foreach (var entry in entries)
        {
            if (jobs.Count == query.Limit || bytes > JobStoreRules.PageBytes)
            {
                next = new JobCursor(last.Score, last.Id).ToString();
                break;
            }

            var job = _jobs[entry.Id];
            jobs.Add(job.ToRecord(name, _isPaused, query.WithData));
            bytes += job.BytesOf(query.WithData);
            first = jobs.Count == 1 ? entry : first;
            last = entry;
        }

        return new JobPage(jobs, next, hasNewer && jobs.Count > 0 ? new JobCursor(first.Score, first.Id, IsBack: true).ToString() : null);
    }

    // The nearest ones first, and then turned round: the page may be full before the limit is reached.
    private JobPage TakeBack(List<(long Score, string Id)> newer, JobQuery query)
    {
        newer.Reverse();
        var page = Take(newer, query, hasNewer: true);
        if (page.Jobs.Count == 0)
        {
            return page;
        }

        var previous = page.NextCursor is { } further ? JobCursor.Parse(further) with { IsBack = true } : (JobCursor?)null;
        return new JobPage([.. page.Jobs.Reverse()], (JobCursor.Parse(page.PreviousCursor!) with { IsBack = false }).ToString(), previous?.ToString());
    }

    private IEnumerable<(long Score, string Id)> Ordered(JobState? state) => state switch
    {
        null => _all.Descending,
        JobState.Waiting => _isPaused ? [] : Waiting(),
        JobState.Paused => _isPaused ? Waiting() : [],
        JobState.Delayed => _delayed.Descending,
        JobState.Active => _active.Descending,
        JobState.Completed => _completed.Descending,
        _ => _failed.Descending,
    };

    private IEnumerable<(long Score, string Id)> Waiting() =>
        _waiting.Values.SelectMany(set => set.Descending).OrderByDescending(entry => entry.Score).ThenByDescending(entry => entry.Id, StringComparer.Ordinal);
}
