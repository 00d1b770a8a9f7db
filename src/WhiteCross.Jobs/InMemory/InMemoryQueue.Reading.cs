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
        if (query.Cursor is { } cursor)
        {
            var (score, id) = ParseCursor(cursor);
            entries = entries.Where(entry => entry.Score < score || (entry.Score == score && string.CompareOrdinal(entry.Id, id) < 0));
        }

        var jobs = new List<JobRecord>();
        var bytes = 0L;
        (long Score, string Id) last = default;
        foreach (var entry in entries)
        {
            if (jobs.Count == query.Limit || bytes > JobStoreRules.PageBytes)
            {
                return new JobPage(jobs, FormattableString.Invariant($"{last.Score}:{last.Id}"));
            }

            var job = _jobs[entry.Id];
            jobs.Add(job.ToRecord(name, _isPaused, query.WithData));
            bytes += job.BytesOf(query.WithData);
            last = entry;
        }

        return new JobPage(jobs, null);
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
        : FindTombstone(jobId) is { } tombstone ? new KnownJob(StateOf(tombstone), tombstone.Remains) : null;

    private static (long Score, string Id) ParseCursor(string cursor)
    {
        var colon = cursor.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && long.TryParse(cursor.AsSpan(0, colon), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score)
            ? (score, cursor[(colon + 1)..])
            : throw new InvalidCursorException();
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
