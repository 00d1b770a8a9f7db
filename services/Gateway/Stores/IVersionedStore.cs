namespace WhiteCross.Gateway;

/// <summary>
/// Keeps entries that any number of gateways change: one is put in the place of the one that was read, and of no other. Entries have a group, which is listed as a whole, and a
/// name in it. Whoever loses the answer to a replacement is told, when it asks again, that something else is there, and finds its own when it reads.
/// </summary>
internal interface IVersionedStore<T>
    where T : class
{
    /// <summary>The entries of a group, by name.</summary>
    Task<IReadOnlyList<T>> ListAsync(string group, CancellationToken cancellationToken);

    /// <summary>An entry; null when there is none of that name.</summary>
    Task<T?> FindAsync(string group, string name, CancellationToken cancellationToken);

    /// <summary>Puts an entry in the place of what was there, unless somebody has changed that meanwhile.</summary>
    /// <param name="current">What was there, as it was read; null for nothing.</param>
    /// <param name="next">What is to be there. Its version is set here.</param>
    /// <returns>False when something else was there.</returns>
    Task<bool> ReplaceAsync(T? current, T next, CancellationToken cancellationToken);

    /// <summary>Removes an entry.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string group, string name, CancellationToken cancellationToken);
}
