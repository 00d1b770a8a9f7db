using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>
/// Retries of many failed jobs that can be undone for a while. Nothing happens to the jobs before the time is over, so undoing one leaves no trace.
/// Any number of instances may run them at once, and one may die in the middle: another goes on.
/// </summary>
internal sealed class UndoableRetries(IJobReader jobs, IJobControl control, IVersionedStore<UndoableRetry> retries, TimeProvider time)
{
    /// <summary>How long it can be asked what became of one.</summary>
    public static readonly TimeSpan KeepEndedFor = TimeSpan.FromHours(1);

    /// <summary>Plans a retry of the jobs that have failed by now.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs; null for all failed ones.</param>
    /// <param name="window">For how long it can be undone.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The retry; null when none of the jobs has failed.</returns>
    public async Task<UndoableRetry?> PlanAsync(string queue, IReadOnlyList<string>? jobIds, TimeSpan window, CancellationToken cancellationToken)
    {
        // The store's own time of the latest failure: clocks need not agree.
        var latest = (await jobs.ListAsync(queue, new JobQuery(JobState.Failed, 1), cancellationToken)).Jobs;
        if (latest is not [{ FinishedAt: { } failedUntil }])
        {
            return null;
        }

        var count = jobIds is null
            ? (int)(await jobs.GetMetricsAsync([queue], cancellationToken))[0].Failed
            : (await jobs.GetStatesAsync(queue, jobIds, cancellationToken)).Count(known => known is { State: JobState.Failed, Remains: JobRemains.Record });
        if (count == 0)
        {
            return null;
        }

        var retry = new UndoableRetry
        {
            Queue = queue,
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString(),
            Count = count,
            JobIds = jobIds,
            FailedUntil = failedUntil,
            DueAt = time.GetUtcNow() + window,
        };
        await retries.ReplaceAsync(null, retry, cancellationToken);
        return retry;
    }

    /// <summary>Undoes a retry that has not begun to run; doing it again changes nothing.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What came of it, and the retry as it is now; null when there is none.</returns>
    public async Task<(ChangeOutcome Outcome, UndoableRetry? Retry)> UndoAsync(string queue, string id, CancellationToken cancellationToken)
    {
        while (await retries.FindAsync(queue, id, cancellationToken) is { } retry)
        {
            if (retry.State != UndoableRetryState.Open)
            {
                return (retry.State == UndoableRetryState.Undone ? ChangeOutcome.Done : ChangeOutcome.WrongState, retry);
            }

            var undone = Ended(retry, UndoableRetryState.Undone);
            if (await retries.ReplaceAsync(retry, undone, cancellationToken))
            {
                return (ChangeOutcome.Done, undone);
            }
        }

        return (ChangeOutcome.NotFound, null);
    }

    /// <summary>Runs a queue's retries whose time is over, goes on with those that somebody left in the middle, and forgets old ones.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many jobs wait again.</returns>
    public async Task<int> RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        var retried = 0;
        var now = time.GetUtcNow();
        foreach (var retry in await retries.ListAsync(queue, cancellationToken))
        {
            if (retry.State == UndoableRetryState.Running || (retry.State == UndoableRetryState.Open && retry.DueAt <= now))
            {
                retried += await RunAsync(retry, cancellationToken);
            }
            else if (retry.EndedAt + KeepEndedFor <= now)
            {
                await retries.RemoveAsync(queue, retry.Id, cancellationToken);
            }
        }

        return retried;
    }

    private async Task<int> RunAsync(UndoableRetry retry, CancellationToken cancellationToken)
    {
        if (retry.State == UndoableRetryState.Open)
        {
            // From here it cannot be undone.
            if (!await retries.ReplaceAsync(retry, retry with { State = UndoableRetryState.Running }, cancellationToken))
            {
                return 0;
            }

            retry = retry with { State = UndoableRetryState.Running, Version = retry.Version + 1 };
        }

        var outcomes = await control.RetryAsync(retry.Queue, retry.JobIds, retry.FailedUntil, cancellationToken);
        await retries.ReplaceAsync(retry, Ended(retry, UndoableRetryState.Done), cancellationToken);
        return outcomes.Count(outcome => outcome == ChangeOutcome.Done);
    }

    private UndoableRetry Ended(UndoableRetry retry, UndoableRetryState state) => retry with { State = state, JobIds = null, EndedAt = time.GetUtcNow() };
}
