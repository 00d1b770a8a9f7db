using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Http;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Grpc;

/// <summary>The Dapr service over gRPC, as far as Dapr.Client uses it.</summary>
internal sealed class DaprGrpcService(SidecarRuntime runtime, SidecarExtendedMetadata extended, IHostApplicationLifetime lifetime)
{
    public SidecarRuntime Runtime => runtime;

    public async Task<Empty> PublishAsync(PublishEventRequest request, ServerCallContext call)
    {
        var metadata = Merge(request.Metadata, request.Metadata);
        var (traceParent, traceState) = (Trace(call, "traceparent"), Trace(call, "tracestate"));
        if (Publisher.IsRaw(metadata))
        {
            // There is no envelope that could carry them.
            metadata = new Dictionary<string, string>(metadata) { ["traceid"] = traceParent ?? string.Empty, ["tracestate"] = traceState ?? string.Empty };
        }

        await runtime.Publisher.PublishAsync(
            new Publication(request.PubsubName, request.Topic, request.Data.Memory, request.DataContentType, metadata, traceParent, traceState), call.CancellationToken);
        return new Empty();
    }

    public async Task<BulkPublishResponse> PublishBulkAsync(BulkPublishRequest request, ServerCallContext call)
    {
        runtime.Publisher.Find(request.PubsubName, request.Topic);
        var entryIds = new HashSet<string>(request.Entries.Count, StringComparer.Ordinal);
        if (request.Entries.Any(entry => entry.EntryId.Length == 0 || !entryIds.Add(entry.EntryId)))
        {
            throw new SidecarApiException(400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "entryId is missing or duplicated");
        }

        var (traceParent, traceState) = (Trace(call, "traceparent"), Trace(call, "tracestate"));
        var failed = await runtime.Publisher.PublishAllAsync(
            request.PubsubName,
            request.Topic,
            request.Metadata.AsReadOnly(),
            [
                .. request.Entries.Select(entry => (
                    entry.EntryId,
                    new Publication(
                        request.PubsubName,
                        request.Topic,
                        entry.Event.Memory,
                        entry.ContentType,
                        Merge(request.Metadata, entry.Metadata),
                        traceParent,
                        traceState))),
            ],
            call.CancellationToken);

        // As daprd does: any failure fails the whole call, and the list is lost.
        return failed.Count == 0
            ? new BulkPublishResponse()
            : throw new SidecarApiException(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", $"error when publishing to topic {request.Topic} in pubsub {request.PubsubName}");
    }

    public Task<GetSecretResponse> GetSecretAsync(GetSecretRequest request)
    {
        var response = new GetSecretResponse();
        response.Data.Add(SecretEndpoints.Get(runtime, request.StoreName, request.Key).ToDictionary());
        return Task.FromResult(response);
    }

    public Task<GetBulkSecretResponse> GetBulkSecretAsync(GetBulkSecretRequest request)
    {
        var response = new GetBulkSecretResponse();
        foreach (var (name, secret) in SecretEndpoints.Bulk(runtime, request.StoreName))
        {
            var value = new SecretResponse();
            value.Secrets.Add(secret.ToDictionary());
            response.Data[name] = value;
        }

        return Task.FromResult(response);
    }

    public Task<GetMetadataResponse> GetMetadataAsync() => Task.FromResult(MetadataMessage.Of(runtime, extended));

    public Task<Empty> SetMetadataAsync(SetMetadataRequest request)
    {
        extended.Set(request.Key, request.Value);
        return Task.FromResult(new Empty());
    }

    public Task<Empty> ShutdownAsync()
    {
        lifetime.StopApplication();
        return Task.FromResult(new Empty());
    }

    // The request's metadata counts only for an entry that has some of its own; the entry's wins.
    private static IReadOnlyDictionary<string, string> Merge(IDictionary<string, string> request, IDictionary<string, string> entry)
    {
        if (entry.Count == 0)
        {
            return StreamEntry.NoMetadata;
        }

        var merged = new Dictionary<string, string>(request);
        foreach (var (name, value) in entry)
        {
            merged[name] = value;
        }

        return merged;
    }

    private static string? Trace(ServerCallContext call, string name) => call.RequestHeaders.GetValue(name);
}
