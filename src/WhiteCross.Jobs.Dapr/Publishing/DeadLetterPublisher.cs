using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Publishes dead letters through the sidecar: copied to the dead-letter topic first, struck from the debts second. What does not go out stays owed, and
/// is handed out again when its claim is over.
/// </summary>
internal sealed partial class DeadLetterPublisher(IJobOutbox store, JobEventPublisher events, SidecarWatch sidecar, ILogger<DeadLetterPublisher> logger)
    : IDeadLetterPublisher
{
    // Letters of one call: each may carry up to 1 MiB.
    private const int LargestBatch = 16;

    public async Task PublishAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var some in jobIds.Chunk(LargestBatch))
            {
                if (!sidecar.IsWorthTrying)
                {
                    return;
                }

                // A job that somebody has retried or removed meanwhile owes no dead letter any more. What fits no page is handed out with those that are owed.
                await PublishAsync(queue, await store.TakeDeadLettersAsync(queue, some, cancellationToken), cancellationToken);
            }
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue, jobIds.Count);
        }
    }

    /// <summary>Publishes dead letters that are owed whose publisher has died or failed.</summary>
    /// <returns>How many were owed.</returns>
    public async Task<int> PublishOwedAsync(string queue, CancellationToken cancellationToken)
    {
        if (!sidecar.IsWorthTrying)
        {
            return 0;
        }

        var owed = await store.TakeDeadLettersAsync(queue, LargestBatch, cancellationToken);
        await PublishAsync(queue, owed, cancellationToken);
        return owed.Count;
    }

    private async Task PublishAsync(string queue, IReadOnlyList<OwedDeadLetter> owed, CancellationToken cancellationToken)
    {
        var published = new List<JobClaim>(owed.Count);
        foreach (var letter in owed)
        {
            if (await events.PublishAsync(queue, LetterOf(letter.Job), cancellationToken))
            {
                published.Add(new JobClaim(letter.Job.JobId, letter.Claim));
            }
        }

        if (published.Count > 0)
        {
            await store.ConfirmDeadLettersAsync(queue, published, cancellationToken);
        }
    }

    private static DeadLetter LetterOf(JobRecord record) => new(
        record.JobId,
        record.Queue,
        record.Error?.Code ?? JobErrorCodes.Handler,
        record.Error,
        record.AttemptsMade,
        record.FinishedAt,
        new JobEnvelope { JobId = record.JobId, Type = record.Type, Data = record.Data, Options = record.Options });

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} dead letters stay owed because the job store is away")]
    private partial void LogStoreAway(Exception exception, string queue, int count);
}
