using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>Publishes events through the sidecar, each in the lane of its job's priority, and never waits for it longer than the deadline.</summary>
internal sealed class JobEventPublisher(DaprClient dapr, SidecarWatch sidecar, IOptions<PublishingOptions> options, TimeProvider time)
{
    /// <summary>Events of one request: daprd publishes at most 100 of a bulk at once; more only make a failure larger.</summary>
    public const int LargestBulk = 200;

    /// <summary>Publishes the events of jobs.</summary>
    /// <returns>The jobs whose events may not have gone out. A bulk that failed counts as a whole: an event too many does no harm.</returns>
    public async Task<IReadOnlyList<JobEvent>> PublishAsync(string queue, IReadOnlyList<JobEvent> jobs, CancellationToken cancellationToken)
    {
        var bulks = jobs.GroupBy(job => job.Priority).SelectMany(lane => lane.Chunk(LargestBulk).Select(chunk => (Lane: JobLanes.Of(lane.Key), Jobs: chunk)));
        var failures = await Task.WhenAll(bulks.Select(bulk => PublishAsync(queue, bulk.Lane, bulk.Jobs, cancellationToken)));
        return [.. failures.SelectMany(failed => failed)];
    }

    /// <summary>Publishes a dead letter; false when it may not have gone out.</summary>
    public Task<bool> PublishAsync(string queue, DeadLetter letter, CancellationToken cancellationToken)
    {
        var topic = JobQueues.TryGet(queue, out var definition) ? definition.DeadLetterTopic : new QueueDefinition(queue, []).DeadLetterTopic;
        return TryAsync(
            topic,
            token => dapr.PublishByteEventAsync(
                JobLanes.NormalPubSub,
                topic,
                JsonSerializer.SerializeToUtf8Bytes(letter, JobEventsJsonContext.Default.DeadLetter),
                "application/json",
                cancellationToken: token),
            cancellationToken);
    }

    private async Task<IReadOnlyList<JobEvent>> PublishAsync(string queue, JobLane lane, JobEvent[] jobs, CancellationToken cancellationToken)
    {
        var topic = lane.TopicOf(queue);
        var isOut = await TryAsync(
            topic,
            token => jobs is [var only]
                ? dapr.PublishByteEventAsync(
                    lane.PubSub,
                    topic,
                    JsonSerializer.SerializeToUtf8Bytes(ReferenceOf(only), JobEventsJsonContext.Default.JobReference),
                    "application/json",
                    cancellationToken: token)
                : dapr.BulkPublishEventAsync(lane.PubSub, topic, [.. jobs.Select(ReferenceOf)], cancellationToken: token),
            cancellationToken);
        return isOut ? [] : jobs;
    }

    private async Task<bool> TryAsync(string topic, Func<CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        if (!sidecar.TryBegin())
        {
            return false;
        }

        using var deadline = new CancellationTokenSource(options.Value.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await publish(either.Token);
            sidecar.Answered(topic);
            return true;
        }
#pragma warning disable CA1031 // Whatever is the matter with the sidecar: the events stay owed on record, and one topic's trouble is not another's.
        catch (Exception exception)
        {
            sidecar.Failed(topic, exception);
            return false;
        }
#pragma warning restore CA1031
    }

    private static JobReference ReferenceOf(JobEvent job) => new(job.JobId, job.Type, new JobReferenceOptions(job.Priority));
}
