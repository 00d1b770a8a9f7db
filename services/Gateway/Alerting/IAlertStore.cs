namespace WhiteCross.Gateway;

/// <summary>Keeps what has been raised and what is still to be told of it, for any number of gateways.</summary>
public interface IAlertStore
{
    /// <summary>All alerts that ever were raised, one for each queue and kind, in no order.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<StoredAlert>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The alert of a queue and kind; null when none was ever raised.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<StoredAlert?> FindAsync(string queue, string kind, CancellationToken cancellationToken);

    /// <summary>Puts an alert in the place of what was there, unless somebody has changed that meanwhile.</summary>
    /// <param name="current">What was there, as it was read; null for nothing.</param>
    /// <param name="next">What is to be there. Its version is set here.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when something else was there.</returns>
    Task<bool> ReplaceAsync(StoredAlert? current, StoredAlert next, CancellationToken cancellationToken);
}
