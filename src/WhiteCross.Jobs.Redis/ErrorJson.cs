using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Redis;

/// <summary>Errors as the job's hash keeps them.</summary>
internal static class ErrorJson
{
    public static ReadOnlyMemory<byte> Write(JobError? error) =>
        error is null ? default : JsonSerializer.SerializeToUtf8Bytes(error, ErrorJsonContext.Default.JobError);

    public static JobError? Read(ReadOnlySpan<byte> json) => json.IsEmpty ? null : JsonSerializer.Deserialize(json, ErrorJsonContext.Default.JobError);
}

/// <summary>The generated reader and writer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobError))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext;
