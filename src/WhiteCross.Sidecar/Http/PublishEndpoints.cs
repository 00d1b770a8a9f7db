using System.Text;
using System.Text.Json;
using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Http;

/// <summary>POST /v1.0/publish/….</summary>
internal static class PublishEndpoints
{
    private static readonly string[] Methods = ["POST", "PUT"];

    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime)
    {
        app.MapMethods("/v1.0/publish/{pubsub}/{**topic}", Methods, context => PublishAsync(context, runtime));
        foreach (var version in new[] { "v1.0", "v1.0-alpha1" })
        {
            app.MapMethods($"/{version}/publish/bulk/{{pubsub}}/{{**topic}}", Methods, context => PublishBulkAsync(context, runtime));
        }
    }

    private static async Task PublishAsync(HttpContext context, SidecarRuntime runtime)
    {
        var (pubSub, topic) = AddressOf(context);
        runtime.Publisher.Find(pubSub, topic);
        var body = await RequestBody.ReadAsync(context.Request, runtime.Options.MaxBodySize, context.RequestAborted);
        await runtime.Publisher.PublishAsync(
            new Publication(
                pubSub,
                topic,
                body,
                context.Request.ContentType ?? string.Empty,
                RequestMetadata.Of(context.Request.Query),
                context.Request.Headers.TraceParent,
                context.Request.Headers.TraceState),
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task PublishBulkAsync(HttpContext context, SidecarRuntime runtime)
    {
        var (pubSub, topic) = AddressOf(context);
        runtime.Publisher.Find(pubSub, topic);
        var body = await RequestBody.ReadAsync(context.Request, runtime.Options.MaxBodySize, context.RequestAborted);
        var shared = RequestMetadata.Of(context.Request.Query);
        List<(string EntryId, Publication Publication)> entries;
        try
        {
            entries = ReadEntries(body, pubSub, topic, shared, context.Request.Headers.TraceParent, context.Request.Headers.TraceState);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw NotEntries("the bulk is not an array of entries with entryId and event", exception);
        }

        if (entries.Exists(entry => entry.EntryId.Length == 0) || entries.Select(entry => entry.EntryId).Distinct(StringComparer.Ordinal).Count() < entries.Count)
        {
            throw NotEntries("entryId is duplicated or not present for entry");
        }

        var failed = await runtime.Publisher.PublishAllAsync(pubSub, topic, shared, entries, context.RequestAborted);
        if (failed.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        await context.Response.WriteAsJsonAsync(
            new { failedEntries = failed.Select(entry => new { entryId = entry.EntryId, error = entry.Error }), errorCode = "ERR_PUBSUB_PUBLISH_MESSAGE" }, context.RequestAborted);
    }

    /// <summary>Component and topic. Without a topic it is an address that there is not, as in daprd.</summary>
    private static (string PubSub, string Topic) AddressOf(HttpContext context) =>
        context.Request.RouteValues["topic"] is string { Length: > 0 } topic
            ? ((string)context.Request.RouteValues["pubsub"]!, topic)
            : throw InvocationEndpoints.NoAppId();

    private static List<(string EntryId, Publication Publication)> ReadEntries(
        byte[] body, string pubSub, string topic, IReadOnlyDictionary<string, string> shared, string? traceParent, string? traceState)
    {
        using var document = DaprJson.Parse(body);
        return
        [
            .. document.RootElement.EnumerateArray().Select(entry =>
            {
                var contentType = entry.TryGetProperty("contentType", out var type) ? type.GetString() ?? string.Empty : string.Empty;
                var metadata = StreamEntry.NoMetadata;
                if (entry.TryGetProperty("metadata", out var own) && own.ValueKind == JsonValueKind.Object)
                {
                    // The request's metadata counts only for an entry that has some of its own; the entry's wins.
                    var merged = new Dictionary<string, string>(shared);
                    foreach (var item in own.EnumerateObject())
                    {
                        merged[item.Name] = item.Value.ToString();
                    }

                    metadata = merged;
                }

                return (
                    entry.TryGetProperty("entryId", out var id) ? id.GetString() ?? string.Empty : string.Empty,
                    new Publication(pubSub, topic, DataOf(entry.GetProperty("event"), contentType), contentType, metadata, traceParent, traceState));
            }),
        ];
    }

    /// <summary>The bytes of an event: JSON as it stands, base64 decoded, text without its quotes; by the content type alone, never by what the event looks like.</summary>
    private static byte[] DataOf(JsonElement value, string contentType)
    {
        if (CloudEvents.IsJson(contentType))
        {
            return Encoding.UTF8.GetBytes(value.GetRawText());
        }

        var isBinary = contentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase);
        var isText = contentType.Length == 0
            || contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("application/xml", StringComparison.OrdinalIgnoreCase);
        if (value.ValueKind != JsonValueKind.String || !(isBinary || isText))
        {
            throw NotEntries("error: mismatch between contentType and event");
        }

        if (isText)
        {
            return Encoding.UTF8.GetBytes(value.GetString()!);
        }

        return value.TryGetBytesFromBase64(out var bytes) ? bytes : throw NotEntries("error: unable to decode base64 application/octet-stream data");
    }

    private static SidecarApiException NotEntries(string message, Exception? exception = null) =>
        new(400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", message, exception);
}
