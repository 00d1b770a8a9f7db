using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>The jobs of batches, as their workflows see them.</summary>
internal sealed class BatchJobs(IJobReader jobs, IJobControl control)
{
    /// <summary>
    /// Whether a batch is still wanted: not when its job was cancelled or removed. A job that failed otherwise while its batch goes on, because the
    /// service died too often under it, is made to wait again and finds back to its workflow.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<bool> IsWantedAsync(Batch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var state = (await jobs.GetStatesAsync(JobQueues.BatchMessageSending, [batch.JobId], cancellationToken))[0]?.State;
        if (state is not JobState.Failed)
        {
            return state is not (null or JobState.Completed);
        }

        var record = await jobs.GetAsync(JobQueues.BatchMessageSending, batch.JobId, cancellationToken);
        if (record is null or { State: JobState.Failed, Error.Code: JobErrorCodes.Cancelled })
        {
            return false;
        }

        await control.RetryAsync(JobQueues.BatchMessageSending, [batch.JobId], cancellationToken);
        return true;
    }

    /// <summary>Takes back messages that have not begun: as if they had never been sent. Recalling them again does no harm.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="recipients">Whose messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task RecallAsync(Batch batch, IReadOnlyList<BatchRecipient> recipients, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return control.RecallAsync(JobQueues.MessageDelivery, [.. recipients.Select(recipient => BatchIds.MessageJob(batch.BatchId, recipient.RecipientId))], cancellationToken);
    }
}
