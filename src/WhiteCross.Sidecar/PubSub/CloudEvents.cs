using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using WhiteCross.Sidecar.Api;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>Makes the envelopes that are stored.</summary>
internal static class CloudEvents
{
    public const string ContentType = "application/cloudevents+json";

    private const string Prefix = "cloudevent.";

    /// <summary>Wraps data, or completes a CloudEvent that came in as one.</summary>
    /// <exception cref="JsonException">The content type says CloudEvent, and the data is no JSON object.</exception>
    public static ReadOnlyMemory<byte> Wrap(Publication publication, string appId, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(publication.Data.Length + 512);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        if (IsCloudEvent(publication.ContentType))
        {
            Complete(writer, publication, now);
        }
        else
        {
            Write(writer, publication, appId, now);
        }

        writer.Flush();
        return buffer.WrittenMemory;
    }

    public static bool IsCloudEvent(string contentType) => contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase);

    public static bool IsJson(string contentType)
    {
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static void Write(Utf8JsonWriter writer, Publication publication, string appId, DateTimeOffset now)
    {
        var metadata = publication.Metadata;
        var traceParent = Override(metadata, "traceparent") ?? Override(metadata, "traceid") ?? publication.TraceParent ?? string.Empty;
        writer.WriteStartObject();
        writer.WriteString("id"u8, Override(metadata, "id") ?? Guid.NewGuid().ToString());
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("type"u8, Override(metadata, "type") ?? "com.dapr.event.sent");
        writer.WriteString("source"u8, Override(metadata, "source") ?? (appId.Length == 0 ? "Dapr" : appId));
        if (Override(metadata, "subject") is { } subject)
        {
            writer.WriteString("subject"u8, subject);
        }

        writer.WriteString("topic"u8, publication.Topic);
        writer.WriteString("pubsubname"u8, publication.PubSubName);
        writer.WriteString("datacontenttype"u8, publication.ContentType.Length == 0 ? "text/plain" : publication.ContentType);
        writer.WriteString("time"u8, TimeOf(now));
        writer.WriteString("traceid"u8, traceParent);
        writer.WriteString("traceparent"u8, traceParent);
        writer.WriteString("tracestate"u8, Override(metadata, "tracestate") ?? publication.TraceState ?? string.Empty);
        WriteExpiration(writer, metadata, now);
        WriteData(writer, publication);
        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, Publication publication)
    {
        if (publication.ContentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase))
        {
            writer.WriteBase64String("data_base64"u8, publication.Data.Span);
            return;
        }

        if (IsJson(publication.ContentType) && IsValidJson(publication.Data.Span))
        {
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(publication.Data.Span, skipInputValidation: true);
            return;
        }

        writer.WriteString("data"u8, Encoding.UTF8.GetString(publication.Data.Span));
    }

    /// <summary>A CloudEvent from outside: topic and component are set, what is missing is added, but never an id.</summary>
    private static void Complete(Utf8JsonWriter writer, Publication publication, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(publication.Data, DaprJson.Options);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("A CloudEvent must be a JSON object.");
        }

        writer.WriteStartObject();
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Name is not ("topic" or "pubsubname")))
        {
            property.WriteTo(writer);
            present.Add(property.Name);
        }

        writer.WriteString("topic"u8, publication.Topic);
        writer.WriteString("pubsubname"u8, publication.PubSubName);
        Default("source", "Dapr");
        Default("type", "com.dapr.event.sent");
        Default("specversion", "1.0");
        Default("time", TimeOf(now));
        if (!present.Contains("traceid"))
        {
            writer.WriteString("traceid"u8, publication.TraceParent ?? string.Empty);
            Default("traceparent", publication.TraceParent ?? string.Empty);
        }

        Default("tracestate", publication.TraceState ?? string.Empty);
        if (!present.Contains("expiration"))
        {
            WriteExpiration(writer, publication.Metadata, now);
        }

        writer.WriteEndObject();

        void Default(string name, string value)
        {
            if (!present.Contains(name))
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static void WriteExpiration(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> metadata, DateTimeOffset now)
    {
        if (metadata.TryGetValue("ttlInSeconds", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            writer.WriteString("expiration"u8, now.AddSeconds(Math.Min(seconds, int.MaxValue)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }

    private static string? Override(IReadOnlyDictionary<string, string> metadata, string field)
    {
        if (metadata.Count == 0)
        {
            return null;
        }

        foreach (var (key, value) in metadata)
        {
            if (key.Length == Prefix.Length + field.Length
                && key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                && key.EndsWith(field, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    // The local offset, and Z where that is zero, as Go writes RFC 3339.
    private static string TimeOf(DateTimeOffset now)
    {
        var local = now.ToLocalTime();
        return local.ToString(local.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    private static bool IsValidJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = DaprJson.MaxDepth });
            while (reader.Read())
            {
            }

            return data.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Something to publish.</summary>
/// <param name="PubSubName">The component.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Data">The data.</param>
/// <param name="ContentType">Its content type; empty when none was sent.</param>
/// <param name="Metadata">The publish metadata.</param>
/// <param name="TraceParent">The publisher's W3C traceparent.</param>
/// <param name="TraceState">The publisher's W3C tracestate.</param>
internal sealed record Publication(
    string PubSubName, string Topic, ReadOnlyMemory<byte> Data, string ContentType, IReadOnlyDictionary<string, string> Metadata, string? TraceParent, string? TraceState);
