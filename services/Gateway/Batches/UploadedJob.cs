using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>The job of an upload: an envelope, or bare data, into which the reference to the recipients is put.</summary>
internal static class UploadedJob
{
    private static readonly string[] Ours = ["recipientIds", "recipientsRef", "recipientCount"];

    public static byte[] With(ReadOnlyMemory<byte> job, Guid uploadId, int count, out string? taken)
    {
        taken = null;
        try
        {
            using var document = JsonDocument.Parse(job, new JsonDocumentOptions { MaxDepth = JobLimits.Nesting });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return job.ToArray();
            }

            using var stream = new MemoryStream(job.Length + 128);
            using (var writer = new Utf8JsonWriter(stream))
            {
                if (!root.EnumerateObject().Any(IsData))
                {
                    taken = WriteData(writer, root, uploadId, count);
                }
                else
                {
                    writer.WriteStartObject();
                    foreach (var member in root.EnumerateObject())
                    {
                        if (IsData(member) && member.Value.ValueKind == JsonValueKind.Object)
                        {
                            writer.WritePropertyName("data");
                            taken ??= WriteData(writer, member.Value, uploadId, count);
                        }
                        else
                        {
                            member.WriteTo(writer);
                        }
                    }

                    writer.WriteEndObject();
                }
            }

            return stream.ToArray();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What is wrong with it, the envelope's reader says.
            return job.ToArray();
        }
    }

    private static bool IsData(JsonProperty member) => member.Name.Equals("data", StringComparison.OrdinalIgnoreCase);

    private static string? WriteData(Utf8JsonWriter writer, JsonElement data, Guid uploadId, int count)
    {
        string? taken = null;
        writer.WriteStartObject();
        foreach (var member in data.EnumerateObject())
        {
            if (Ours.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
            {
                taken ??= member.Name;
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteString("recipientsRef", uploadId);
        writer.WriteNumber("recipientCount", count);
        writer.WriteEndObject();
        return taken;
    }
}
