using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Redis;

/// <summary>The parts of a record that are kept as JSON.</summary>
internal static class RecordJson
{
    public static ReadOnlyMemory<byte> Write(JobError? error) =>
        error is null ? default : JsonSerializer.SerializeToUtf8Bytes(error, RecordJsonContext.Default.JobError);

    public static JobError? ReadError(ReadOnlySpan<byte> json) =>
        json.IsEmpty ? null : JsonSerializer.Deserialize(json, RecordJsonContext.Default.JobError);

    public static JobProgress ReadProgress(ReadOnlySpan<byte> json) =>
        json.IsEmpty ? JobProgress.None : JsonSerializer.Deserialize(json, RecordJsonContext.Default.JobProgress) ?? JobProgress.None;

    public static JobOptions ReadOptions(ReadOnlySpan<byte> json) =>
        json.IsEmpty ? new JobOptions() : JsonSerializer.Deserialize(json, RecordJsonContext.Default.JobOptions) ?? new JobOptions();

    public static JsonElement? ReadElement(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

/// <summary>Generated readers and writers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobError))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(JobOptions))]
internal sealed partial class RecordJsonContext : JsonSerializerContext;
