using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Jobs by what they are about.</summary>
internal sealed partial class InMemoryQueue
{
    private readonly Dictionary<string, SortedSet<string>> _terms = new(StringComparer.Ordinal);

    public JobPage ListByTerm(string term, int limit, string? cursor)
    {
        var ids = _terms.GetValueOrDefault(term, []).Where(id => cursor is null || string.CompareOrdinal(id, cursor) > 0).Take(limit + 1).ToList();
        return new JobPage([.. ids.Take(limit).Select(id => _jobs[id].ToRecord(name, _isPaused, withData: false))], ids.Count > limit ? ids[limit - 1] : null);
    }

    private void JoinTerms(StoredJob job)
    {
        foreach (var term in job.Job.Terms)
        {
            if (!_terms.TryGetValue(term, out var ids))
            {
                _terms[term] = ids = new SortedSet<string>(StringComparer.Ordinal);
            }

            ids.Add(job.Id);
        }
    }

    private void LeaveTerms(StoredJob job)
    {
        foreach (var term in job.Job.Terms)
        {
            if (_terms.TryGetValue(term, out var ids) && ids.Remove(job.Id) && ids.Count == 0)
            {
                _terms.Remove(term);
            }
        }
    }
}
