using System.Buffers;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>
/// Gathers what the component's workers deliver into batches, one batch at a time; a retry sends only the entries that failed.
/// </summary>
internal sealed class BulkDelivery
{
    private readonly BulkSubscribe _settings;
    private readonly AppChannel _app;
    private readonly ResiliencePolicy _policy;
    private readonly string _pubSubName;
    private readonly string _topic;
    private readonly bool _isRaw;
    private readonly bool _isTraced;
    private readonly TimeProvider _time;
    private readonly Func<StreamEntry, CancellationToken, Task> _deadLetter;
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private Task<bool>? _more;

    public BulkDelivery(
        BulkSubscribe settings,
        AppChannel app,
        ResiliencePolicy policy,
        string pubSubName,
        string topic,
        bool isRaw,
        bool isTraced,
        TimeProvider time,
        Func<StreamEntry, CancellationToken, Task> deadLetter)
    {
        (_settings, _app, _policy, _pubSubName, _topic) = (settings, app, policy, pubSubName, topic);
        (_isRaw, _isTraced, _time, _deadLetter) = (isRaw, isTraced, time, deadLetter);
        _ = Task.Run(RunAsync);
    }

    public Task<DeliveryOutcome> DeliverAsync(StreamEntry entry, string path, CancellationToken closing)
    {
        var waiting = new Waiting(entry, path, closing);
        _waiting.Writer.TryWrite(waiting);
        return waiting.Task;
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiting>();
        while (await MoreAsync())
        {
            batch.Clear();
            await GatherAsync(batch);
            foreach (var route in batch.GroupBy(waiting => waiting.Path))
            {
                try
                {
                    await DeliverAsync([.. route], route.Key);
                }
#pragma warning disable CA1031 // One batch's trouble must not end all those after it.
                catch (Exception exception)
                {
                    foreach (var waiting in route)
                    {
                        waiting.TrySetException(exception);
                    }
                }
#pragma warning restore CA1031
            }
        }
    }

    /// <summary>Until the batch is full, or its first entry has waited long enough.</summary>
    private async Task GatherAsync(List<Waiting> batch)
    {
        using var gathering = new CancellationTokenSource();
        var limit = Task.Delay(_settings.MaxAwaitDuration, _time, gathering.Token);
        do
        {
            while (batch.Count < _settings.MaxMessagesCount && _waiting.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }
        }
        while (batch.Count < _settings.MaxMessagesCount && await Task.WhenAny(MoreAsync(), limit) != limit);
        await gathering.CancelAsync();
    }

    // One wait at a time: what a batch began to wait for, and did not get, the next one waits for. Cancelling it instead would be an exception a batch.
    private Task<bool> MoreAsync() => _more is { IsCompleted: false } ? _more : _more = _waiting.Reader.WaitToReadAsync().AsTask();

    private async Task DeliverAsync(List<Waiting> batch, string path)
    {
        var closing = batch[0].Closing;
        var open = batch;
        using var series = new DeliverySeries(closing);
        try
        {
            await _policy.ExecuteAsync(token => series.AttemptAsync(AttemptAsync(token)), series.Token);
        }
        catch (Exception exception) when (DeliverySeries.IsFailure(exception))
        {
            var outcome = closing.IsCancellationRequested ? DeliveryOutcome.Closing : DeliveryOutcome.Failed;
            foreach (var waiting in open)
            {
                waiting.TrySetResult(outcome);
            }
        }

        async Task<bool> AttemptAsync(CancellationToken cancellationToken)
        {
            open = await CallAsync(open, path, cancellationToken);
            return open.Count == 0 ? true : throw new AskedAgainException();
        }
    }

    /// <returns>The entries that failed.</returns>
    private async Task<List<Waiting>> CallAsync(List<Waiting> batch, string path, CancellationToken cancellationToken)
    {
        // daprd's workers hand their events over as they come to it: whoever relied on the order of the stream would find out there.
#pragma warning disable CA5394 // any order will do
        Random.Shared.Shuffle(CollectionsMarshal.AsSpan(batch));
#pragma warning restore CA5394
        var entryIds = batch.Select(_ => Guid.NewGuid().ToString()).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_app.Address, path)) { Content = new ReadOnlyMemoryContent(Body(batch, entryIds)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        // One span an entry, and room for one header only: the first one's.
        using DeliverySpan? span = _isTraced ? DeliverySpan.Start(_topic, batch[0].Entry.Data) : null;
        if (span is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", span.Value.TraceParent);
        }

        var answer = await _app.CallAsync(request, cancellationToken);
        if (answer.Status == 404)
        {
            // Acknowledged and lost, without a dead letter, as in Dapr.
            batch.ForEach(waiting => waiting.TrySetResult(DeliveryOutcome.Success));
            return [];
        }

        if (!answer.IsSuccess)
        {
            throw new AskedAgainException();
        }

        var statuses = StatusesOf(answer.Body);
        var failed = new List<Waiting>();
        for (var i = 0; i < batch.Count; i++)
        {
            switch (statuses.GetValueOrDefault(entryIds[i]))
            {
                case "SUCCESS":
                    batch[i].TrySetResult(DeliveryOutcome.Success);
                    break;
                case "DROP":
                    await _deadLetter(batch[i].Entry, batch[i].Closing);
                    batch[i].TrySetResult(DeliveryOutcome.Dropped);
                    break;
                default:
                    failed.Add(batch[i]);
                    break;
            }
        }

        return failed;
    }

    private ReadOnlyMemory<byte> Body(List<Waiting> batch, string[] entryIds)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + batch.Sum(waiting => waiting.Entry.Data.Length + 128));
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("id"u8, Guid.NewGuid());
        writer.WriteString("type"u8, "com.dapr.event.sent.bulk"u8);
        writer.WriteString("topic"u8, _topic);
        writer.WriteString("pubsubname"u8, _pubSubName);
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("pubsubName"u8, _pubSubName);
        writer.WriteEndObject();
        writer.WriteStartArray("entries"u8);
        for (var i = 0; i < batch.Count; i++)
        {
            WriteEntry(writer, entryIds[i], batch[i].Entry);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private void WriteEntry(Utf8JsonWriter writer, string entryId, StreamEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("entryId"u8, entryId);
        writer.WritePropertyName("event"u8);
        if (_isRaw)
        {
            writer.WriteBase64StringValue(entry.Data.Span);
        }
        else
        {
            writer.WriteRawValue(entry.Data.Span, skipInputValidation: true);
        }

        if (entry.Metadata.Count == 0)
        {
            writer.WriteNull("metadata"u8);
        }
        else
        {
            writer.WriteStartObject("metadata"u8);
            foreach (var (key, value) in entry.Metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteString("contentType"u8, _isRaw ? "application/octet-stream" : CloudEvents.ContentType);
        writer.WriteEndObject();
    }

    private static Dictionary<string, string> StatusesOf(byte[] body)
    {
        var statuses = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("statuses", out var list)
                && list.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in list.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.Object
                        && item.TryGetProperty("entryId", out var id) && id.ValueKind == JsonValueKind.String
                        && item.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String)
                    {
                        statuses[id.GetString()!] = status.GetString()!;
                    }
                }
            }
        }
        catch (JsonException)
        {
            // No answer that can be read: all failed.
        }

        return statuses;
    }

    /// <summary>Who waits goes on in line where the outcome is set: it does no more than acknowledge, and a thread for each entry would be more.</summary>
    private sealed class Waiting(StreamEntry entry, string path, CancellationToken closing) : TaskCompletionSource<DeliveryOutcome>
    {
        public StreamEntry Entry { get; } = entry;

        public string Path { get; } = path;

        public CancellationToken Closing { get; } = closing;
    }
}
