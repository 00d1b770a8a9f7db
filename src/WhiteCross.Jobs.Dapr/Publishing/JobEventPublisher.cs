using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>Publishes events through the sidecar, each in the lane of its jobs' priority, and never waits for it longer than the deadline.</summary>
internal sealed class JobEventPublisher(DaprClient dapr, SidecarWatch sidecar, EventSizes sizes, IOptions<PublishingOptions> options, TimeProvider time)
{
    // Publishes of one call that are under way at once.
    private const int AtOnce = 16;

    /// <summary>Announces jobs in as few events as is good for their queue.</summary>
    /// <returns>The jobs whose events may not have gone out: an event too many does no harm.</returns>
    public async Task<IReadOnlyList<JobEvent>> PublishAsync(string queue, IReadOnlyList<JobEvent> jobs, CancellationToken cancellationToken)
    {
        if (jobs is [var only])
        {
            return await PublishAsync(queue, only.Priority, [only], cancellationToken) ? [] : [only];
        }

        var size = await sizes.GetAsync(queue);
        var failed = new List<JobEvent>();
        foreach (var some in jobs.ByLane().SelectMany(lane => lane.Chunk(size)).Chunk(AtOnce))
        {
            var areOut = await Task.WhenAll(some.Select(chunk => PublishAsync(queue, chunk[0].Priority, chunk, cancellationToken)));
            failed.AddRange(some.Where((_, i) => !areOut[i]).SelectMany(chunk => chunk));
        }

        return failed;
    }

    /// <summary>Publishes a dead letter; false when it may not have gone out.</summary>
    public Task<bool> PublishAsync(string queue, DeadLetter letter, CancellationToken cancellationToken)
    {
        var topic = JobQueues.TryGet(queue, out var definition) ? definition.DeadLetterTopic : new QueueDefinition(queue, []).DeadLetterTopic;
        return TryAsync(JobLanes.NormalPubSub, topic, JsonSerializer.SerializeToUtf8Bytes(letter, DeadLetterJsonContext.Default.DeadLetter), cancellationToken);
    }

    private Task<bool> PublishAsync(string queue, JobPriority priority, JobEvent[] jobs, CancellationToken cancellationToken)
    {
        var lane = JobLanes.Of(priority);
        return TryAsync(lane.PubSub, lane.TopicOf(queue), JobEventWriter.Write(jobs), cancellationToken);
    }

    private async Task<bool> TryAsync(string pubSub, string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!sidecar.TryBegin(out var answers))
        {
            return false;
        }

        using var deadline = new CancellationTokenSource(options.Value.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await dapr.PublishByteEventAsync(pubSub, topic, data, "application/json", cancellationToken: either.Token);
            sidecar.Answered(topic);
            return true;
        }
#pragma warning disable CA1031 // Whatever is the matter with the sidecar: the events stay owed on record, and one topic's trouble is not another's.
        catch (Exception exception)
        {
            sidecar.Failed(topic, answers, exception);
            return false;
        }
#pragma warning restore CA1031
    }
}
