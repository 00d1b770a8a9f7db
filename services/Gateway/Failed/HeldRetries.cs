using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>
/// Retries of many failed jobs that can be undone for a while. Nothing happens to the jobs before the time is over, so undoing one leaves no trace.
/// Any number of instances may run them at once, and one may die in the middle: another goes on.
/// </summary>
public sealed class HeldRetries(IJobStore jobs, IHeldRetryStore retries, TimeProvider time)
{
    /// <summary>How long it can be asked what became of one.</summary>
    public static readonly TimeSpan KeepEndedFor = TimeSpan.FromHours(1);

    /// <summary>Holds a retry of the jobs that have failed by now.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs; null for all failed ones.</param>
    /// <param name="window">For how long it can be undone.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The held retry; null when none of the jobs has failed.</returns>
    public async Task<HeldRetry?> HoldAsync(string queue, IReadOnlyList<string>? jobIds, TimeSpan window, CancellationToken cancellationToken)
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

        var retry = new HeldRetry
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
    public async Task<(ChangeOutcome Outcome, HeldRetry? Retry)> UndoAsync(string queue, string id, CancellationToken cancellationToken)
    {
        while (await retries.FindAsync(queue, id, cancellationToken) is { } retry)
        {
            if (retry.State != HeldRetryState.Held)
            {
                return (retry.State == HeldRetryState.Undone ? ChangeOutcome.Done : ChangeOutcome.WrongState, retry);
            }

            var undone = Ended(retry, HeldRetryState.Undone);
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
            if (retry.State == HeldRetryState.Running || (retry.State == HeldRetryState.Held && retry.DueAt <= now))
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

    private async Task<int> RunAsync(HeldRetry retry, CancellationToken cancellationToken)
    {
        if (retry.State == HeldRetryState.Held)
        {
            // From here it cannot be undone.
            if (!await retries.ReplaceAsync(retry, retry with { State = HeldRetryState.Running }, cancellationToken))
            {
                return 0;
            }

            retry = retry with { State = HeldRetryState.Running, Version = retry.Version + 1 };
        }

        var outcomes = await jobs.RetryAsync(retry.Queue, retry.JobIds, retry.FailedUntil, cancellationToken);
        await retries.ReplaceAsync(retry, Ended(retry, HeldRetryState.Done), cancellationToken);
        return outcomes.Count(outcome => outcome == ChangeOutcome.Done);
    }

    private HeldRetry Ended(HeldRetry retry, HeldRetryState state) => retry with { State = state, JobIds = null, EndedAt = time.GetUtcNow() };
}
