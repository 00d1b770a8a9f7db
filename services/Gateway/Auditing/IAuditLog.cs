namespace WhiteCross.Gateway;

/// <summary>What operators did.</summary>
public interface IAuditLog
{
    /// <summary>The most entries that are kept; the oldest go first.</summary>
    const int Capacity = 10_000;

    /// <summary>Adds an entry; the very same one again, since the answer was lost, is not added twice.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="limit">The most entries.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>Something that somebody did.</summary>
/// <param name="At">When.</param>
/// <param name="Who">The name of the API key, the token's subject, or <c>local</c> where nobody is asked who they are.</param>
/// <param name="Action">What, for example <c>RetryFailedJobs</c>: the operation's name in the API's description.</param>
/// <param name="Queue">In which queue; null for none.</param>
/// <param name="Target">To which job or schedule; null for none in particular.</param>
/// <param name="Count">How many it changed; null where that has no meaning.</param>
/// <param name="Reason">Why, as whoever did it said; null when nothing was said.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string Who, string Action, string? Queue = null, string? Target = null, long? Count = null, string? Reason = null);
