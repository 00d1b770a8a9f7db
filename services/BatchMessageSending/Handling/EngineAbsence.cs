using System.Globalization;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// What a batch's job does while the workflow engine is away: it is postponed at growing distances, and not for ever, since what is behind the sidecar may
/// never come back. Since when is kept with the job from attempt to attempt.
/// </summary>
internal sealed class EngineAbsence(BatchStore store, BatchEnding ending, IOptions<BatchOptions> options, TimeProvider time)
{
    private const string Note = "workflow engine away";

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The engine has answered: the next absence begins anew.</summary>
    public static async Task EndAsync(Job<BatchSendJob> job, CancellationToken cancellationToken)
    {
        if (await job.FindNoteAsync<Away>(Note, cancellationToken) is { Since: not null })
        {
            await job.KeepNoteAsync(Note, new Away(null), cancellationToken);
        }
    }

    /// <summary>How an attempt ends that the engine did not answer.</summary>
    /// <param name="job">The job.</param>
    /// <param name="batchId">Its batch.</param>
    /// <param name="reason">Who is away, in a sentence.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<JobOutcome> PutOffAsync(Job<BatchSendJob> job, Guid batchId, string reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = (await job.FindNoteAsync<Away>(Note, cancellationToken))?.Since;
        if (since is null)
        {
            since = now;
            await job.KeepNoteAsync(Note, new Away(since), cancellationToken);
        }

        var lasted = now - since.Value;
        if (lasted <= options.Value.EnginePatience)
        {
            return new JobOutcome.Snooze(lasted / 4 < ShortestPause ? ShortestPause : lasted / 4 > LongestPause ? LongestPause : lasted / 4, reason);
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

    /// <param name="Since">Null: the engine has answered since.</param>
    private sealed record Away(DateTimeOffset? Since);
}
