using System.Text.Json;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>The parts of an event that a job needs.</summary>
/// <param name="Id">The event's id; empty when it has none that is text.</param>
/// <param name="Data">The event's data as UTF-8 JSON; empty when it has none. Of an event that was published raw, the whole of it.</param>
/// <param name="TraceParent">The publisher's W3C traceparent; null when tracing was off.</param>
/// <param name="Whole">The event as it was delivered.</param>
/// <param name="IsWrapper">Whether a sidecar has made it on the spot around what lies in the stream, for a raw subscription; that is its data then.</param>
internal readonly record struct ReceivedEvent(
    string Id, ReadOnlyMemory<byte> Data, string? TraceParent, ReadOnlyMemory<byte> Whole, bool IsWrapper = false);

/// <summary>One event of a bulk delivery.</summary>
/// <param name="EntryId">By what the sidecar wants it answered.</param>
/// <param name="Event">The event.</param>
internal readonly record struct ReceivedEntry(string EntryId, ReceivedEvent Event);

/// <summary>Reads what the sidecar delivers without copying it: data are slices of the request's body.</summary>
internal static class CloudEventReader
{
    // Dapr reads and delivers 10,000 levels; around them come the event and the bulk. How deep a job may be is told of that job: here a deep one
    // must neither get lost nor take its neighbours with it.
    public const int MaxDepth = 10_050;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>
    /// Reads one event: a CloudEvent, or, where there is no <c>specversion</c>, what somebody published with <c>rawPayload</c>, which is all data.
    /// </summary>
    /// <exception cref="JsonException">The bytes are no JSON.</exception>
    public static ReceivedEvent Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return ReadEvent(json);
        }
        catch (InvalidOperationException)
        {
            // A member's name is no text: half of a surrogate pair. Whoever reads it as an envelope says so, under an id that can be found.
            return Raw(json);
        }
    }

    /// <summary>Reads a bulk delivery.</summary>
    /// <exception cref="JsonException">The bytes are no bulk delivery.</exception>
    public static List<ReceivedEntry> ReadBulk(ReadOnlyMemory<byte> json)
    {
        try
        {
            return ReadEntries(json);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("The delivery holds text that is not Unicode.", exception);
        }
    }

    private static ReceivedEvent ReadEvent(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            ExpectEnd(ref reader);
            return Raw(json);
        }

        var isCloudEvent = false;
        var (isBinary, isSidecars) = (false, false);
        var id = string.Empty;
        string? traceParent = null;
        ReadOnlyMemory<byte> data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                id = ReadText(ref reader) ?? string.Empty;
            }
            else if (reader.ValueTextEquals("traceparent"u8))
            {
                traceParent = ReadText(ref reader) is { Length: > 0 } text ? text : null;
            }
            else if (reader.ValueTextEquals("source"u8))
            {
                // No app's name: events of apps have theirs.
                isSidecars = ReadText(ref reader) == "Dapr";
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                data = Slice(ref reader, json);
            }
            else if (reader.ValueTextEquals("data_base64"u8))
            {
                data = Decode(ReadText(ref reader));
                isBinary = true;
            }
            else
            {
                isCloudEvent |= reader.ValueTextEquals("specversion"u8);
                reader.Skip();
            }
        }

        ExpectEnd(ref reader);
        return isCloudEvent ? new ReceivedEvent(id, data, traceParent, json, isBinary && isSidecars) : Raw(json);
    }

    private static ReceivedEvent Raw(ReadOnlyMemory<byte> json) => new(string.Empty, json, null, json);

    // Anything behind the event makes the reader throw.
    private static void ExpectEnd(ref Utf8JsonReader reader) => reader.Read();

    private static List<ReceivedEntry> ReadEntries(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        ExpectObject(ref reader);
        var entries = new List<ReceivedEntry>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("entries"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                entries.Add(ReadEntry(ref reader, json));
            }
        }

        return entries;
    }

    private static ReceivedEntry ReadEntry(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var entryId = string.Empty;
        ReceivedEvent received = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("entryId"u8))
            {
                entryId = ReadText(ref reader) ?? string.Empty;
            }
            else if (reader.ValueTextEquals("event"u8))
            {
                received = Read(Slice(ref reader, json));
            }
            else
            {
                reader.Skip();
            }
        }

        return new ReceivedEntry(entryId, received.Id is null ? Raw(default) : received);
    }

    private static void ExpectObject(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The delivery is not a JSON object.");
        }
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return null; // Half of a surrogate pair: no text.
            }
        }

        reader.Skip();
        return null;
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static ReadOnlyMemory<byte> Decode(string? text)
    {
        try
        {
            return text is null ? default : Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return default;
        }
    }
}
