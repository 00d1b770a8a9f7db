using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>Publishes the events of jobs that are on record, each in the lane of its priority, through the sidecar.</summary>
internal sealed partial class JobEventPublisher(DaprClient dapr, ILogger<JobEventPublisher> logger)
{
    /// <summary>Events of one request: daprd publishes at most 100 of a bulk at once; more only make a failure larger.</summary>
    public const int LargestBulk = 200;

    /// <summary>Publishes events.</summary>
    /// <returns>
    /// The ids of jobs whose events may not have gone out. A bulk that failed counts as a whole: the sidecar does not tell which entries did, and an
    /// event too many does no harm.
    /// </returns>
    public async Task<IReadOnlyList<string>> PublishAsync(string queue, IReadOnlyList<JobEvent> jobs, CancellationToken cancellationToken)
    {
        var bulks = jobs.GroupBy(job => job.Priority).SelectMany(lane => lane.Chunk(LargestBulk).Select(chunk => (Lane: JobLanes.Of(lane.Key), Jobs: chunk)));
        var failures = await Task.WhenAll(bulks.Select(bulk => PublishAsync(queue, bulk.Lane, bulk.Jobs, cancellationToken)));
        return [.. failures.SelectMany(ids => ids)];
    }

    /// <summary>Publishes dead letters; see <see cref="PublishAsync(string, IReadOnlyList{JobEvent}, CancellationToken)"/> for the outcome.</summary>
    public async Task<bool> PublishDeadLettersAsync(string queue, IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        var topic = JobQueues.TryGet(queue, out var definition) ? definition.DeadLetterTopic : new QueueDefinition(queue, []).DeadLetterTopic;
        try
        {
            foreach (var letter in letters)
            {
                // One by one: each may carry up to 1 MiB, and a failed job is rare.
                await dapr.PublishByteEventAsync(
                    JobLanes.NormalPubSub,
                    topic,
                    JsonSerializer.SerializeToUtf8Bytes(letter, JobEventsJsonContext.Default.DeadLetter),
                    "application/json",
                    cancellationToken: cancellationToken);
            }

            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogDeadLettersFailed(exception, queue, letters.Count);
            return false;
        }
    }

    private async Task<IReadOnlyList<string>> PublishAsync(string queue, JobLane lane, JobEvent[] jobs, CancellationToken cancellationToken)
    {
        try
        {
            if (jobs is [var only])
            {
                await dapr.PublishByteEventAsync(
                    lane.PubSub,
                    lane.TopicOf(queue),
                    JsonSerializer.SerializeToUtf8Bytes(ReferenceOf(only), JobEventsJsonContext.Default.JobReference),
                    "application/json",
                    cancellationToken: cancellationToken);
                return [];
            }

            var response = await dapr.BulkPublishEventAsync(
                lane.PubSub, lane.TopicOf(queue), [.. jobs.Select(ReferenceOf)], cancellationToken: cancellationToken);
            return [.. response.FailedEntries.Select(failed => failed.Entry.EventData.JobId)];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogPublishFailed(exception, queue, jobs.Length);
            return [.. jobs.Select(job => job.JobId)];
        }
    }

    private static JobReference ReferenceOf(JobEvent job) => new(job.JobId, job.Type, new JobReferenceOptions(job.Priority));

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the events of {Count} jobs could not be published; they will be when the sidecar is back")]
    private partial void LogPublishFailed(Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} dead letters could not be published; they stay owed and will be tried again")]
    private partial void LogDeadLettersFailed(Exception exception, string queue, int count);
}
