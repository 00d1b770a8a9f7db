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
    public static Task<IReadOnlyList<ChangeOutcome>> RetryAsync(this IJobControl store, string queue, IReadOnlyList<string>? jobIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.RetryAsync(queue, jobIds, failedUntil: null, cancellationToken);
    }

    /// <summary>Asks for the events of waiting jobs, whatever is claimed of them.</summary>
    /// <param name="store">The job store.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task RequestEventsAsync(this IJobOutbox store, string queue, IEnumerable<string> jobIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.RequestEventsAsync(queue, Unclaimed(jobIds), cancellationToken);
    }

    /// <summary>Confirms the dead letters of jobs, whatever is claimed of them.</summary>
    /// <param name="store">The job store.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task ConfirmDeadLettersAsync(this IJobOutbox store, string queue, IEnumerable<string> jobIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.ConfirmDeadLettersAsync(queue, Unclaimed(jobIds), cancellationToken);
    }

    private static JobClaim[] Unclaimed(IEnumerable<string> jobIds) => [.. jobIds.Select(id => new JobClaim(id, JobClaim.None))];
}
