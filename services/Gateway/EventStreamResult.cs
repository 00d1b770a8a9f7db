using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace WhiteCross.Gateway;

/// <summary>
/// Server-sent events that begin at once. The framework's own result sends its headers with the first event, so that on a quiet system a reader cannot
/// tell a stream from a gateway that hangs.
/// </summary>
internal sealed class EventStreamResult<T>(IAsyncEnumerable<SseItem<T>> items) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back.
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.BodyWriter.WriteAsync(": open\n\n"u8.ToArray(), httpContext.RequestAborted);

        var json = (JsonTypeInfo<T>)httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(typeof(T));
        try
        {
            await SseFormatter.WriteAsync(
                items,
                response.Body,
                (item, buffer) =>
                {
                    using var writer = new Utf8JsonWriter(buffer);
                    JsonSerializer.Serialize(writer, item.Data, json);
                },
                httpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The reader has gone.
        }
    }
}
