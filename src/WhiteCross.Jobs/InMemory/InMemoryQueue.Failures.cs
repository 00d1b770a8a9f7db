using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Failed jobs by their cause.</summary>
internal sealed partial class InMemoryQueue
{
    private readonly Dictionary<string, string> _notes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset FirstSeen, ScoredSet Jobs)> _causes = new(StringComparer.Ordinal);

    public IReadOnlyList<FailureGroup> Failures()
    {
        foreach (var old in _causes.Where(cause => cause.Value.Jobs.Count == 0 && cause.Value.FirstSeen + FailureCause.KeepFor <= Now).ToList())
        {
            _causes.Remove(old.Key);
        }

        return
        [
            .. _causes.Where(cause => cause.Value.Jobs.Count > 0)
                .Select(cause => Group(cause.Key, cause.Value.FirstSeen, cause.Value.Jobs))
                .OrderByDescending(group => group.Count).ThenBy(group => group.Cause, StringComparer.Ordinal),
        ];
    }

    public IReadOnlyList<string> FailedIds(string cause, DateTimeOffset? failedUntil, int limit) =>
        _causes.TryGetValue(cause, out var group) ? group.Jobs.UpTo(failedUntil is { } until ? Score(until) : long.MaxValue, limit) : [];

    public IReadOnlyDictionary<string, string> Notes() => new Dictionary<string, string>(_notes, StringComparer.Ordinal);

    public bool ReplaceNote(string cause, string? current, string? next)
    {
        if (_notes.GetValueOrDefault(cause) != current)
        {
            return false;
        }

        if (next is null)
        {
            _notes.Remove(cause);
        }
        else
        {
            _notes[cause] = next;
        }

        return true;
    }

    private FailureGroup Group(string cause, DateTimeOffset firstSeen, ScoredSet jobs)
    {
        var hours = new int[FailureGroup.HourCount];
        var present = Score(Now) / MillisecondsAnHour;
        var (latest, id) = jobs.Descending.First();
        foreach (var (score, _) in jobs.Descending)
        {
            var ago = present - (score / MillisecondsAnHour);
            if (ago >= hours.Length)
            {
                break;
            }

            hours[hours.Length - 1 - (int)Math.Max(0, ago)]++;
        }

        return new FailureGroup(cause, jobs.Count, firstSeen, DateTimeOffset.FromUnixTimeMilliseconds(latest), id, hours);
    }

    private const long MillisecondsAnHour = 3_600_000;

    private void JoinCause(StoredJob job, JobError error, DateTimeOffset at)
    {
        var cause = FailureCause.Of(job.Job.Type, FailureCause.FingerprintOf(error));
        if (!_causes.ContainsKey(cause) && _causes.Count >= FailureCause.MaxPerQueue)
        {
            cause = FailureCause.Of(job.Job.Type, FailureCause.Other);
        }

        if (!_causes.TryGetValue(cause, out var group))
        {
            group = (at, new ScoredSet());
            _causes.Add(cause, group);
        }

        group.Jobs.Set(job.Id, Score(at));
        job.Cause = cause;
    }

    private void LeaveCause(StoredJob job)
    {
        if (job.Cause is { } cause)
        {
            _causes.GetValueOrDefault(cause).Jobs?.Remove(job.Id);
            job.Cause = null;
        }
    }

    private IEnumerable<(long Score, string Id)> OfCause(string cause) =>
        _causes.TryGetValue(cause, out var group) ? group.Jobs.Descending : [];
}
