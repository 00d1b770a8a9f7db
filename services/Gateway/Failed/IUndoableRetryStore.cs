namespace WhiteCross.Gateway;

/// <summary>Keeps retries that can be undone, so that one outlives whoever it was asked of.</summary>
public interface IUndoableRetryStore
{
    /// <summary>The retries that can be undone of a queue, also those that have ended and were not removed, by id.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<UndoableRetry>> ListAsync(string queue, CancellationToken cancellationToken);

    /// <summary>A retry; null when there is none of that id.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<UndoableRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken);

    /// <summary>Puts one in place of another, of the same version still; of several that try only one does.</summary>
    /// <param name="current">What must be there; null for nothing.</param>
    /// <param name="next">What is there then; it gets its version here.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was put.</returns>
    Task<bool> ReplaceAsync(UndoableRetry? current, UndoableRetry next, CancellationToken cancellationToken);

    /// <summary>Removes one.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was there.</returns>
    Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken);
}
