using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;

namespace WhiteCross.Jobs.Redis;

/// <summary>Errors as the job's hash keeps them.</summary>
internal static class ErrorJson
{
    public static ReadOnlyMemory<byte> Write(JobError? error) =>
        error is null ? default : JsonSerializer.SerializeToUtf8Bytes(
            new StoredError(FailureCause.FingerprintOf(error), error.Message, error.Stack, error.Code), ErrorJsonContext.Default.StoredError);

    public static JobError? Read(ReadOnlySpan<byte> json) => json.IsEmpty ? null : JsonSerializer.Deserialize(json, ErrorJsonContext.Default.JobError);
}

/// <summary>An error with its fingerprint in front, where the scripts look for it.</summary>
internal sealed record StoredError([property: JsonPropertyOrder(-1)] string Cause, string Message, string? Stack, string Code);

/// <summary>The generated reader and writer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobError))]
[JsonSerializable(typeof(StoredError))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext;
