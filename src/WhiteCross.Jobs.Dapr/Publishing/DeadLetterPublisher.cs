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
            var records = new List<JobRecord>(jobIds.Count);
            foreach (var jobId in jobIds)
            {
                // A job that somebody has retried or removed meanwhile owes no dead letter any more.
                if (await store.GetAsync(queue, jobId, cancellationToken) is { State: JobState.Failed } record)
                {
                    records.Add(record);
                }
            }

            await PublishAsync(queue, records, cancellationToken);
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue, jobIds.Count);
        }
    }

    public async Task PublishAsync(string queue, IReadOnlyList<JobRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count > 0 && await events.PublishDeadLettersAsync(queue, [.. records.Select(LetterOf)], cancellationToken))
        {
            await store.ConfirmDeadLettersAsync(queue, [.. records.Select(record => record.JobId)], cancellationToken);
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
