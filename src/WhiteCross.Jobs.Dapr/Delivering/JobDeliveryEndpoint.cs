using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>Where the sidecar delivers the events of a queue, one by one or in bulk. Answers when what an event asked for is on record.</summary>
internal sealed partial class JobDeliveryEndpoint(JobEventReceiver receiver, SidecarToken token, ILogger<JobDeliveryEndpoint> logger)
{
    /// <summary>The content type of a single delivery; a bulk comes as plain JSON.</summary>
    private const string SingleContentType = "application/cloudevents+json";

    // The largest bulk of the largest jobs; what a job's data may have is checked job by job.
    private const long LargestBody = 256L << 20;

    private static readonly byte[] Success = """{"status":"SUCCESS"}"""u8.ToArray();
    private static readonly byte[] Retry = """{"status":"RETRY"}"""u8.ToArray();
    private static readonly byte[] Drop = """{"status":"DROP"}"""u8.ToArray();

    public async Task HandleAsync(HttpContext context)
    {
        if (!token.IsOn(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestBody;
        }

        // Not with the request's token: a sidecar that stops waiting does not undo what has begun, and the record decides what is to come.
        using var body = await PooledBody.ReadAsync(context.Request, context.RequestAborted);
        if (context.Request.ContentType?.StartsWith(SingleContentType, StringComparison.OrdinalIgnoreCase) ?? false)
        {
            await AnswerAsync(context.Response, await ReceiveAsync(body.Memory));
        }
        else
        {
            await ReceiveBulkAsync(context.Response, body.Memory);
        }
    }

    private async Task<byte[]> ReceiveAsync(ReadOnlyMemory<byte> json)
    {
        ReceivedEvent received;
        try
        {
            received = CloudEventReader.Read(json);
        }
        catch (JsonException exception)
        {
            // No sidecar sends this; dropped, it goes to the dead-letter topic as it is.
            LogUnreadable(exception, exception.BytePositionInLine);
            return Drop;
        }

        var verdict = await receiver.ReceiveAsync(received, CancellationToken.None);
        await Task.Yield(); // Out of the worker's loop.
        return AnswerOf(verdict);
    }

    private async Task ReceiveBulkAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        List<ReceivedEntry> entries;
        try
        {
            entries = CloudEventReader.ReadBulk(json);
        }
        catch (JsonException exception)
        {
            LogUnreadable(exception, exception.BytePositionInLine);
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var verdicts = await Task.WhenAll(entries.Select(entry => ReceiveEntryAsync(entry.Event)));
        await Task.Yield(); // Out of the worker's loop.
        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("statuses"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("entryId"u8, entries[i].EntryId);

            // Never DROP: in a batch, Dapr 1.18 can take another entry for the dropped one.
            writer.WriteString("status"u8, verdicts[i] == DeliveryVerdict.Retry ? "RETRY"u8 : "SUCCESS"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync();
    }

    private async Task<DeliveryVerdict> ReceiveEntryAsync(ReceivedEvent received)
    {
        try
        {
            return await receiver.ReceiveAsync(received, CancellationToken.None);
        }
#pragma warning disable CA1031 // One bad entry harms no other.
        catch (Exception exception)
        {
            LogEntryFailed(exception);
            return DeliveryVerdict.Retry;
        }
#pragma warning restore CA1031
    }

    private static byte[] AnswerOf(DeliveryVerdict verdict) => verdict == DeliveryVerdict.Retry ? Retry : Success;

    private static async Task AnswerAsync(HttpResponse response, byte[] answer)
    {
        response.ContentType = "application/json";
        response.ContentLength = answer.Length;
        await response.Body.WriteAsync(answer);
    }

    [LoggerMessage(LogLevel.Error, "A delivery is not valid JSON at byte {Position}; it is not from a sidecar")]
    private partial void LogUnreadable(Exception exception, long? position);

    [LoggerMessage(LogLevel.Error, "An entry of a bulk delivery could not be handled; it will be delivered again")]
    private partial void LogEntryFailed(Exception exception);
}
