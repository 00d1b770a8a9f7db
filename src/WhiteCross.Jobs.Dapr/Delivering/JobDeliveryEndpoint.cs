using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>Where the sidecar delivers the events of a queue, one by one or in bulk. Answers when what an event asked for is on record.</summary>
internal sealed partial class JobDeliveryEndpoint(
    string queue, JobEventReceiver receiver, ILogger<JobDeliveryEndpoint> logger)
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
        catch (JsonException)
        {
            // daprd does not deliver this; dropped, it goes to the dead-letter topic as it is, as if daprd had put it there.
            EventTelemetry.Unreadable(queue);
            LogUnreadable(queue, json.Length);
            return Drop;
        }

        var verdict = await ReceiveAsync(received);
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
        catch (JsonException)
        {
            LogUnreadable(queue, json.Length);
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var verdicts = await Task.WhenAll(entries.Select(entry => ReceiveAsync(entry.Event)));
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

    private async Task<DeliveryVerdict> ReceiveAsync(ReceivedEvent received)
    {
        try
        {
            return await receiver.ReceiveAsync(received);
        }
#pragma warning disable CA1031 // One bad event harms no other.
        catch (Exception exception)
        {
            LogFailed(exception, queue);
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

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: a delivery of {Bytes} bytes is no JSON and can be no job")]
    private partial void LogUnreadable(string topic, int bytes);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: an event could not be taken; it will be delivered again")]
    private partial void LogFailed(Exception exception, string topic);
}
