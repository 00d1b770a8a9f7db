using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// Reads what job stores keep as JSON. Anybody may publish anything: a record can always be shown, and its dead letter be published, also when what
/// came is not JSON.
/// </summary>
public static class StoredJson
{
    // As deep as a delivery may be; see CloudEventReader.
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 128 };

    /// <summary>JSON's null.</summary>
    public static readonly JsonElement Null = JsonSerializer.SerializeToElement(null, StoredJsonContext.Default.String);

    /// <summary>The value; null when there is none. What is not JSON is shown as a string.</summary>
    /// <param name="json">UTF-8 JSON, or whatever came instead.</param>
    public static JsonElement? Element(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return null;
        }

        if (Utf8.IsValid(json.Span))
        {
            try
            {
                using var document = JsonDocument.Parse(json, DocumentOptions);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // Shown as text.
            }
        }

        return JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(json.Span), StoredJsonContext.Default.String);
    }

    /// <summary>The options that a publisher gave; none when they cannot be read.</summary>
    /// <param name="json">UTF-8 JSON, or whatever came instead.</param>
    public static JobOptions Options(ReadOnlySpan<byte> json)
    {
        try
        {
            return json.IsEmpty ? new JobOptions() : JsonSerializer.Deserialize(json, StoredJsonContext.Default.JobOptions) ?? new JobOptions();
        }
        catch (JsonException)
        {
            return new JobOptions();
        }
    }

    /// <summary>The progress that a run reported; <see cref="JobProgress.None"/> when there is none.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    public static JobProgress Progress(ReadOnlySpan<byte> json) =>
        json.IsEmpty ? JobProgress.None : JsonSerializer.Deserialize(json, StoredJsonContext.Default.JobProgress) ?? JobProgress.None;
}

/// <summary>Generated readers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(JobOptions))]
[JsonSerializable(typeof(string))]
internal sealed partial class StoredJsonContext : JsonSerializerContext;
