namespace WhiteCross.Jobs.Store;

/// <summary>Shorter ways to ask the job store.</summary>
public static class JobStoreExtensions
{
    /// <summary>Makes failed jobs wait again, whenever they failed.</summary>
    /// <param name="store">The job store.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs; null for all failed ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What came of each; for all failed ones, an entry for each that was retried.</returns>
    public static Task<IReadOnlyList<ChangeOutcome>> RetryAsync(this IJobStore store, string queue, IReadOnlyList<string>? jobIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.RetryAsync(queue, jobIds, failedUntil: null, cancellationToken);
    }
}
