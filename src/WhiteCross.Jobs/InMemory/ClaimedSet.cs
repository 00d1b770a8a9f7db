using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>
/// What is owed of jobs, by when it may be handed out. As on Redis, what is claimed has a place between two milliseconds, which no other debt has: the
/// claim's number.
/// </summary>
internal sealed class ClaimedSet
{
    private const long PerMillisecond = 1024;
    private const long Half = PerMillisecond / 2;

    private readonly ScoredSet _set = new();

    /// <summary>The number of a claim that ends at a time; another one than the last.</summary>
    public static long ClaimUntil(long until, long last)
    {
        var claim = (until * PerMillisecond) - Half;
        return last >= claim && last < claim + Half - 10 ? last + 1 : claim;
    }

    public bool Contains(string id) => _set.Contains(id);

    public bool TryGetFirst(out (long Score, string Id) first)
    {
        var isThere = _set.TryGetFirst(out first);
        first = (Score: (first.Score + PerMillisecond - 1) / PerMillisecond, first.Id);
        return isThere;
    }

    public List<string> UpTo(long score, int limit) => _set.UpTo(score * PerMillisecond, limit);

    public void Set(string id, long score) => _set.Set(id, score * PerMillisecond);

    public bool Remove(string id) => _set.Remove(id);

    public void Claim(string id, long claim) => _set.Set(id, claim);

    /// <summary>Whether there is an entry, and under this claim still; under any without one.</summary>
    public bool Is(JobClaim claim) =>
        _set.TryGetScore(claim.JobId, out var score) && (claim.Claim == JobClaim.None || score == claim.Claim);
}
