using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>Publishes for the app: wraps, obeys the scopes and the outbound policy.</summary>
internal sealed class Publisher(string appId, IReadOnlyDictionary<string, PubSubComponent> components, ResiliencyProvider resiliency, TimeProvider time)
{
    // What daprd does for components without bulk publish of their own.
    private const int AtOnce = 100;

    /// <exception cref="SidecarApiException">It could not be published.</exception>
    public async Task PublishAsync(Publication publication, CancellationToken cancellationToken)
    {
        var component = Find(publication.PubSubName, publication.Topic);
        await SendAsync(component, publication.Topic, Stored(publication, IsRaw(publication.Metadata)), publication.Metadata, cancellationToken);
    }

    /// <summary>
    /// Publishes entries, at most 100 at once; the outbound policy stands around all of them, and a retry sends only those that failed. The metadata
    /// of the request decides for all entries whether they are raw.
    /// </summary>
    /// <returns>The entries that could not be published, and why.</returns>
    /// <exception cref="SidecarApiException">The component or its scopes do not let anything be published, or an entry has no envelope: then nothing is.</exception>
    public async Task<IReadOnlyList<(string EntryId, string Error)>> PublishAllAsync(
        string pubSubName,
        string topic,
        IReadOnlyDictionary<string, string> request,
        IReadOnlyList<(string EntryId, Publication Publication)> entries,
        CancellationToken cancellationToken)
    {
        var component = Find(pubSubName, topic);
        var isRaw = IsRaw(request);
        var appends = new List<Append>(entries.Count);
        foreach (var (entryId, publication) in entries)
        {
            appends.Add(new Append(entryId, Stored(publication, isRaw), publication.Metadata));
        }

        // One by one, a hundred at a time, in no order: as daprd publishes to a broker without bulks.
#pragma warning disable CA5394 // any order will do
        Random.Shared.Shuffle(CollectionsMarshal.AsSpan(appends));
#pragma warning restore CA5394
        try
        {
            await resiliency.ForComponentOutbound(component.Name, ComponentKind.Pubsub).ExecuteAsync(token => AppendAsync(component, topic, appends, token), cancellationToken);
            return [];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return [.. appends.Where(append => !append.IsDone).Select(append => (append.EntryId, NotPublished(component, topic)))];
        }
    }

    /// <summary>Publishes stored bytes as they are: dead letters.</summary>
    public Task ForwardAsync(PubSubComponent component, string topic, StreamEntry entry, CancellationToken cancellationToken)
    {
        if (!component.Scopes.MayPublish(topic))
        {
            throw new SidecarApiException(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id {appId}");
        }

        var metadata = new Dictionary<string, string>(entry.Metadata) { ["pubsubName"] = component.Name };
        return SendAsync(component, topic, entry.Data, metadata, cancellationToken);
    }

    public PubSubComponent Find(string pubSubName, string topic)
    {
        if (components.Count == 0)
        {
            throw new SidecarApiException(400, StatusCode.FailedPrecondition, "ERR_PUBSUB_NOT_CONFIGURED", "no pubsub is configured");
        }

        if (pubSubName.Length == 0)
        {
            throw new SidecarApiException(404, StatusCode.InvalidArgument, "ERR_PUBSUB_EMPTY", "pubsub name is empty");
        }

        if (!components.TryGetValue(pubSubName, out var component))
        {
            throw new SidecarApiException(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubSubName} is not found");
        }

        if (topic.Length == 0)
        {
            throw new SidecarApiException(404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", $"topic is empty in pubsub {pubSubName}");
        }

        return component.Scopes.MayPublish(topic)
            ? component
            : throw new SidecarApiException(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id {appId}");
    }

    /// <exception cref="SidecarApiException">rawPayload is something else than a boolean.</exception>
    public static bool IsRaw(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("rawPayload", out var text))
        {
            return false;
        }

        return text.ToUpperInvariant() switch
        {
            "TRUE" or "T" or "1" => true,
            "FALSE" or "F" or "0" => false,
            _ => throw new SidecarApiException(400, StatusCode.InvalidArgument, "ERR_PUBSUB_REQUEST_METADATA", "failed deserializing metadata: rawPayload is not a boolean"),
        };
    }

    /// <summary>What goes on the stream: raw data as it is, everything else in an envelope.</summary>
    private ReadOnlyMemory<byte> Stored(Publication publication, bool isRaw)
    {
        try
        {
            return isRaw ? publication.Data : CloudEvents.Wrap(publication, appId, time.GetUtcNow());
        }
        catch (JsonException exception)
        {
            throw new SidecarApiException(500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "The CloudEvent is not a JSON object.", exception);
        }
    }

    private static async ValueTask AppendAsync(PubSubComponent component, string topic, List<Append> appends, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var chunk in appends.Where(append => !append.IsDone).Chunk(AtOnce))
        {
            try
            {
                await Task.WhenAll(chunk.Select(append => append.RunAsync(component, topic, cancellationToken)));
            }
#pragma warning disable CA1031 // One entry's trouble is not that of the others; in the end it is that of the attempt.
            catch (Exception exception)
            {
                failure = exception;
            }
#pragma warning restore CA1031
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static string NotPublished(PubSubComponent component, string topic) => $"error when publishing to topic {topic} in pubsub {component.Name}";

    private async Task SendAsync(
        PubSubComponent component, string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        try
        {
            await resiliency.ForComponentOutbound(component.Name, ComponentKind.Pubsub).ExecuteAsync(
                token => new ValueTask(component.PublishAsync(topic, data, metadata, token)),
                cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new SidecarApiException(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", NotPublished(component, topic), exception);
        }
    }

    /// <summary>An entry of a bulk on its way.</summary>
    private sealed class Append(string entryId, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        private volatile bool _isDone;

        public string EntryId { get; } = entryId;

        public bool IsDone => _isDone;

        public async Task RunAsync(PubSubComponent component, string topic, CancellationToken cancellationToken)
        {
            await component.PublishAsync(topic, data, metadata, cancellationToken);
            _isDone = true;
        }
    }
}
