namespace WhiteCross.Sidecar.State;

/// <summary>Reads many keys.</summary>
public static class StateBulkReading
{
    /// <summary>Reads at once where nothing is said, as in Dapr.</summary>
    public const int DefaultParallelism = 10;

    /// <summary>Reads each key for itself, as Dapr does: a key that cannot be read does not keep the others back.</summary>
    /// <param name="store">The store.</param>
    /// <param name="keys">The keys, as the store has them.</param>
    /// <param name="parallelism">Reads at once; 0 or less: <see cref="DefaultParallelism"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What was found, in the order of the keys.</returns>
    public static async Task<IReadOnlyList<StateBulkItem>> GetAllAsync(
        this IStateStore store, IReadOnlyList<string> keys, int parallelism, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(keys);
        var items = new StateBulkItem[keys.Count];
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = parallelism > 0 ? parallelism : DefaultParallelism,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, keys.Count, options, async (index, token) =>
        {
            try
            {
                items[index] = new StateBulkItem(keys[index], await store.GetAsync(keys[index], token), null);
            }
            catch (StateStoreException exception)
            {
                items[index] = new StateBulkItem(keys[index], null, exception.Message);
            }
        });
        return items;
    }
}

/// <summary>One of many keys that were read.</summary>
/// <param name="Key">The key.</param>
/// <param name="Entry">Its value; null where there is none.</param>
/// <param name="Error">Why it could not be read; null where it could.</param>
public sealed record StateBulkItem(string Key, StateEntry? Entry, string? Error);
