using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>Publishes dead letters through the sidecar: copied to the dead-letter topic first, struck from the debts second.</summary>
internal sealed partial class DeadLetterPublisher(IJobStore store, JobEventPublisher events, ILogger<DeadLetterPublisher> logger) : IDeadLetterPublisher
{
    public async Task PublishAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        try
        {
            // A job that somebody has retried or removed meanwhile owes no dead letter any more.
            IReadOnlyList<string> left = jobIds;
            while (left.Count > 0 && await store.TakeDeadLettersAsync(queue, left, cancellationToken) is { Count: > 0 } owed)
            {
                if (!await PublishAsync(queue, owed, cancellationToken))
                {
                    return;
                }

                left = [.. left.Except(owed.Select(letter => letter.Job.JobId), StringComparer.Ordinal)];
            }
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue, jobIds.Count);
        }
    }

    /// <returns>Whether they were published and struck.</returns>
    public async Task<bool> PublishAsync(string queue, IReadOnlyList<OwedDeadLetter> owed, CancellationToken cancellationToken)
    {
        if (!await events.PublishDeadLettersAsync(queue, [.. owed.Select(letter => LetterOf(letter.Job))], cancellationToken))
        {
            return false;
        }

        await store.ConfirmDeadLettersAsync(queue, [.. owed.Select(letter => new JobClaim(letter.Job.JobId, letter.Claim))], cancellationToken);
        return true;
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
