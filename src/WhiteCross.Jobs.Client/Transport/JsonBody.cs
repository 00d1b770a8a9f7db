using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>Bodies in JSON.</summary>
internal static class JsonBody
{
    public static ByteArrayContent Of(byte[] json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    public static ByteArrayContent Of(JsonNode document) => Of(BytesOf(document));

    public static byte[] BytesOf(JsonNode document) => Write(writer => document.WriteTo(writer));

    /// <summary>The body of a bulk.</summary>
    /// <param name="envelopes">The jobs' envelopes, each as JSON.</param>
    public static byte[] OfJobs(IEnumerable<byte[]> envelopes) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("jobs");
        foreach (var envelope in envelopes)
        {
            writer.WriteRawValue(envelope, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Writes a document.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return stream.ToArray();
    }
}
