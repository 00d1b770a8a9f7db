using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Adds jobs as events that the sidecar publishes.</summary>
internal sealed class JobPublishing(GatewayTransport sidecar)
{
    // As many as daprd publishes at once.
    private const int LargestBulk = 100;

    public async Task PublishAsync<TData>(QueueDefinition queue, JobToAdd<TData> job, byte[] envelope, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        var lane = LaneOf(job);
        await SendAsync($"v1.0/publish/{lane.PubSub}/{lane.TopicOf(queue.Name)}", envelope, cancellationToken);
    }

    public async Task PublishBulkAsync<TData>(QueueDefinition queue, IEnumerable<(JobToAdd<TData> Job, byte[] Envelope)> jobs, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        foreach (var lane in jobs.GroupBy(job => LaneOf(job.Job)))
        {
            foreach (var chunk in lane.Chunk(LargestBulk))
            {
                // Dapr has it as v1.0 only from 1.17 on: before, that would be a topic of a component called "bulk".
                await SendAsync($"v1.0-alpha1/publish/bulk/{lane.Key.PubSub}/{lane.Key.TopicOf(queue.Name)}", EntriesOf(chunk), cancellationToken);
            }
        }
    }

    private static JobLane LaneOf<TData>(JobToAdd<TData> job)
        where TData : class, IJobData => JobLanes.Of(job.Options?.Priority ?? JobPriority.Normal);

    private static byte[] EntriesOf<TData>(IEnumerable<(JobToAdd<TData> Job, byte[] Envelope)> jobs)
        where TData : class, IJobData => JsonBody.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var (job, envelope) in jobs)
        {
            writer.WriteStartObject();
            writer.WriteString("entryId", job.JobId);
            writer.WriteString("contentType", "application/json");
            writer.WritePropertyName("event");
            writer.WriteRawValue(envelope, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private async Task SendAsync(string path, byte[] body, CancellationToken cancellationToken) =>
        (await sidecar.ExchangeAsync(HttpMethod.Post, path, JsonBody.Of(body), cancellationToken)).EnsureAdded();
}
