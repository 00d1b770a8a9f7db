namespace WhiteCross.Jobs.Failures;

/// <summary>
/// Failed jobs by their cause. The groups are kept as jobs fail, in the step that fails them, so that their numbers are those of the failed jobs; a page of a
/// group's jobs is got with <see cref="Store.JobQuery.Cause"/>.
/// </summary>
public interface IJobFailures
{
    /// <summary>The causes of a queue's failed jobs, the largest group first.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<FailureGroup>> ListAsync(string queue, CancellationToken cancellationToken);

    /// <summary>The ids of a group's jobs, those that failed first before the others.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cause">The group; see <see cref="FailureGroup.Cause"/>.</param>
    /// <param name="failedUntil">Only those that failed until then; null for any time.</param>
    /// <param name="limit">The most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<string>> ListJobIdsAsync(string queue, string cause, DateTimeOffset? failedUntil, int limit, CancellationToken cancellationToken);

    /// <summary>What operators have put down about causes, by cause: text that the store does not read.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyDictionary<string, string>> ListNotesAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Puts a note in the place of another; of several that try only one does.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cause">The group.</param>
    /// <param name="current">The note that must be there; null for none.</param>
    /// <param name="next">The note that is there then; null for none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was put.</returns>
    Task<bool> ReplaceNoteAsync(string queue, string cause, string? current, string? next, CancellationToken cancellationToken);
}

/// <summary>The failed jobs of one cause. It holds no text: the newest job's record does.</summary>
/// <param name="Cause">The group's name: <c>type:fingerprint</c>.</param>
/// <param name="Count">How many failed jobs there are of it.</param>
/// <param name="FirstSeen">When a job failed for this cause for the first time, also one that has been retried or removed since.</param>
/// <param name="LastSeen">When the newest of its failed jobs failed.</param>
/// <param name="LatestJobId">That job.</param>
/// <param name="Hours">How many of its failed jobs failed in each of the last 24 hours; the present one last.</param>
public sealed record FailureGroup(string Cause, long Count, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, string LatestJobId, IReadOnlyList<int> Hours)
{
    /// <summary>How many hours <see cref="Hours"/> has.</summary>
    public const int HourCount = 24;

    /// <summary>The type of its jobs.</summary>
    public string Type => Cause[..Cause.IndexOf(':', StringComparison.Ordinal)];
}
