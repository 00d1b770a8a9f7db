using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>What is owed of jobs, by when it may be handed out; and under which claim it was. Every change of an entry ends its claim.</summary>
internal sealed class ClaimedSet
{
    private readonly ScoredSet _set = new();
    private readonly Dictionary<string, long> _claims = new(StringComparer.Ordinal);
    private long _lastClaim;

    public bool Contains(string id) => _set.Contains(id);

    public bool TryGetFirst(out (long Score, string Id) first) => _set.TryGetFirst(out first);

    public List<string> UpTo(long score, int limit) => _set.UpTo(score, limit);

    public void Set(string id, long score)
    {
        _claims.Remove(id);
        _set.Set(id, score);
    }

    public bool Remove(string id)
    {
        _claims.Remove(id);
        return _set.Remove(id);
    }

    /// <summary>Claims an entry until a time.</summary>
    public long Claim(string id, long until)
    {
        _set.Set(id, until);
        return _claims[id] = ++_lastClaim;
    }

    /// <summary>Whether there is an entry, and under this claim still; under any without one.</summary>
    public bool Is(JobClaim claim) =>
        Contains(claim.JobId) && (claim.Claim == JobClaim.None || _claims.GetValueOrDefault(claim.JobId) == claim.Claim);
}
