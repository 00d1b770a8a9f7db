using System.Globalization;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// What a batch's job does while the workflow engine is away: it is postponed at growing distances, and not for ever, since what is behind the sidecar may
/// never come back. Since when is what the job's record says: it is postponed anew whenever the engine has answered.
/// </summary>
internal sealed class EngineAbsence(BatchStore store, BatchEnding ending, IOptions<BatchOptions> options, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How an attempt ends that the engine did not answer to its end.</summary>
    /// <param name="job">The job.</param>
    /// <param name="batchId">Its batch.</param>
    /// <param name="hasAnswered">Whether the engine had answered in this attempt: then it has been away only since.</param>
    /// <param name="reason">Who is away, in a sentence.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<JobOutcome> PutOffAsync(Job<BatchSendJob> job, Guid batchId, bool hasAnswered, string reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = hasAnswered ? now : job.Info.SnoozedSince ?? now;
        var lasted = now - since;
        if (lasted <= options.Value.EnginePatience)
        {
            var pause = lasted / 4 < ShortestPause ? ShortestPause : lasted / 4 > LongestPause ? LongestPause : lasted / 4;
            return new JobOutcome.Snooze(pause, reason) { StartsAnew = hasAnswered };
        }

        return await FindEndedAsync(batchId, cancellationToken) is { } ended
            ? new JobOutcome.Completed(ended)
            : new JobOutcome.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{reason} It has not since {since:u}. A batch that has begun goes on when it does, and its job too; one that has not begins when the job is retried."));
    }

    // All that the engine is still missed for is to be told to forget the workflow.
    private async Task<BatchResult?> FindEndedAsync(Guid batchId, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindAsync(batchId, cancellationToken) is { Status: BatchStatus.Completed } batch ? await ending.ResultAsync(batch, cancellationToken) : null;
        }
        catch (SidecarAwayException)
        {
            return null;
        }
    }
}
