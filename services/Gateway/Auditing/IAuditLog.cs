using System.Text.Json.Serialization;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>What was done, looked at and refused: each entry chained to the one before, kept by time, and never changed.</summary>
internal interface IAuditLog
{
    /// <summary>The most entries that are listed at once.</summary>
    const int MostListed = 10_000;

    /// <summary>Adds an entry; the very same call again, since the answer was lost, adds nothing.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => AddAsync([entry], cancellationToken);

    /// <summary>Adds entries, in their order.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken);

    /// <summary>
    /// Has the changes of a queue put an entry on record themselves, in the same step; null where there is no need: the log goes with the process.
    /// <see cref="AddAsync(IReadOnlyList{AuditEntry}, CancellationToken)"/> takes it from there.
    /// </summary>
    /// <param name="entry">The entry, with an id and a queue, as far as it is known before the change.</param>
    IDisposable? Announce(AuditEntry entry) => null;

    /// <summary>The same for jobs that are added: a note that goes with them.</summary>
    /// <param name="entry">The entry, with an id, as far as it is known before.</param>
    JobNote? NoteOf(AuditEntry entry) => null;

    /// <summary>
    /// Puts on record that something is about to be changed that lies elsewhere, in another service, so that it cannot be changed in one step with its entry.
    /// <see cref="AddAsync(IReadOnlyList{AuditEntry}, CancellationToken)"/> or <see cref="ForgetAsync"/> takes it from there; an entry that nobody took says that it was asked for.
    /// </summary>
    /// <param name="entry">The entry, with an id, as far as it is known before the change.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task IntendAsync(AuditEntry entry, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Forgets what was about to be changed: nothing was. What cannot be forgotten now becomes an entry that says that it was asked for.</summary>
    /// <param name="entry">The entry.</param>
    Task ForgetAsync(AuditEntry entry) => Task.CompletedTask;

    /// <summary>Adds what changes have put on record and nobody has added since, because whoever made the change died or did not get its answer.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task CollectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="limit">The most entries.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>All entries with their links, oldest first.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<AuditLink> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Something that somebody did, looked at, or was refused.</summary>
/// <param name="At">When.</param>
/// <param name="Who">The name of the API key, the token's subject, or <c>local</c> where nobody is asked who they are.</param>
/// <param name="Action">What, for example <c>RetryFailedJobs</c>: the operation's name in the API's description.</param>
/// <param name="Queue">In which queue; null for none.</param>
/// <param name="Target">To which job or schedule; null for none in particular.</param>
/// <param name="Count">How many it changed; null where that has no meaning.</param>
/// <param name="Reason">Why, as whoever did it said; null when nothing was said.</param>
/// <param name="From">From which address; null in entries from before it was written down.</param>
/// <param name="Outcome"><c>done</c>; <c>refused</c> with the status; <c>asked</c> or <c>unknown</c> where the change lies in another service and whether it was made is not known; null in entries from before.</param>
/// <param name="Asked">What was asked for: the request's parameters but its reason, or a clean-up's data; null for nothing in particular.</param>
internal sealed record AuditEntry(
    DateTimeOffset At,
    string Who,
    string Action,
    string? Queue = null,
    string? Target = null,
    long? Count = null,
    string? Reason = null,
    string? From = null,
    string? Outcome = null,
    string? Asked = null)
{
    /// <summary>What tells it from all others, where it was put on record with the change itself; null in other entries.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }
}

/// <summary>An entry in the chain.</summary>
/// <param name="Number">Its number, from 1; 0 of entries from before there was a chain.</param>
/// <param name="Json">The entry as it was written.</param>
/// <param name="Chain">What ties it to all before it.</param>
internal sealed record AuditLink(long Number, ReadOnlyMemory<byte> Json, string Chain);
