using System.Text.Json;
using Grpc.Core;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>Publishes for the app: wraps, obeys the scopes and the outbound policy.</summary>
internal sealed class Publisher(string appId, IReadOnlyDictionary<string, PubSubComponent> components, ResiliencyProvider resiliency, TimeProvider time)
{
    /// <exception cref="SidecarApiException">It could not be published.</exception>
    public async Task PublishAsync(Publication publication, CancellationToken cancellationToken)
    {
        var component = Find(publication.PubSubName, publication.Topic);
        var isRaw = IsRaw(publication.Metadata);
        ReadOnlyMemory<byte> data;
        try
        {
            data = isRaw ? publication.Data : CloudEvents.Wrap(publication, appId, time.GetUtcNow());
        }
        catch (JsonException exception)
        {
            throw new SidecarApiException(500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "The CloudEvent is not a JSON object.", exception);
        }

        await SendAsync(component, publication.Topic, data, publication.Metadata, cancellationToken);
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

    private static bool IsRaw(IReadOnlyDictionary<string, string> metadata)
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

    private async Task SendAsync(
        PubSubComponent component, string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        try
        {
            await resiliency.ForComponentOutbound(component.Name, ComponentKind.Pubsub).ExecuteAsync(
                async token => await component.PublishAsync(topic, data, metadata, token),
                cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new SidecarApiException(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", $"error when publishing to topic {topic} in pubsub {component.Name}", exception);
        }
    }
}
