using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>A job that has failed elsewhere.</summary>
/// <param name="Reading">What was read of its envelope.</param>
/// <param name="Error">Why it failed; null when that is what is wrong, and then <paramref name="Wrong"/> says how.</param>
/// <param name="Wrong">What is wrong beside the envelope, by field.</param>
internal sealed record ReadFailedJob(JobReading Reading, JobError? Error, IReadOnlyDictionary<string, string[]> Wrong);

/// <summary>Reads <c>{"jobs": [{"job": envelope, "error": "…", "stack": "…"}…]}</c>: each entry is judged by itself.</summary>
internal static class FailedJobsReader
{
    private static readonly string[] Members = ["job", "error", "stack"];

    // How deep an envelope may be is told of that envelope.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 10_050, AllowDuplicateProperties = false };

    /// <summary>Reads the body; null with what is wrong with it as a whole.</summary>
    public static IReadOnlyList<ReadFailedJob>? Read(QueueDefinition queue, ReadOnlyMemory<byte> utf8, out (string Field, string Message) wrong)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name != "jobs") is { } unknown)
            {
                wrong = (UnknownNames.FieldOf(unknown), UnknownNames.Message(unknown, ["jobs"]));
                return null;
            }

            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("jobs", out var jobs) || jobs.ValueKind != JsonValueKind.Array)
            {
                wrong = ("jobs", "is required: an array of {\"job\": envelope, \"error\": \"why it failed\", \"stack\": \"…\"}.");
                return null;
            }

            if (jobs.GetArrayLength() is 0 or > JobLimits.BulkJobs)
            {
                wrong = ("jobs", string.Create(CultureInfo.InvariantCulture, $"must have 1 to {JobLimits.BulkJobs} jobs; send the rest in another request."));
                return null;
            }

            wrong = default;
            return [.. jobs.EnumerateArray().Select(entry => ReadEntry(queue, entry))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            wrong = ("$", "is not valid JSON, or has a name twice.");
            return null;
        }
    }

    private static ReadFailedJob ReadEntry(QueueDefinition queue, JsonElement entry)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var isObject = entry.ValueKind == JsonValueKind.Object;
        foreach (var member in isObject ? entry.EnumerateObject().Select(member => member.Name).Except(Members, StringComparer.Ordinal) : [])
        {
            errors[UnknownNames.FieldOf(member)] = [UnknownNames.Message(member, Members)];
        }

        var message = isObject ? TextOf(entry, "error") : null;
        if (string.IsNullOrWhiteSpace(message))
        {
            errors["error"] = ["is required: why the job failed, a text."];
        }

        if (isObject && entry.TryGetProperty("stack", out var stack) && stack.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
        {
            errors["stack"] = ["must be a text, or left out."];
        }

        var envelope = isObject && entry.TryGetProperty("job", out var job) ? JsonMarshal.GetRawUtf8Value(job).ToArray() : "null"u8.ToArray();
        var reading = JobEnvelopeReader.Default.Read(queue, envelope);
        foreach (var (field, messages) in reading.Errors)
        {
            errors[$"job.{field}"] = messages;
        }

        if (reading is { IsValid: true, JobId: null })
        {
            errors["job.jobId"] = ["is required: the same job may be sent again, and must not be there twice."];
        }

        return new ReadFailedJob(reading, errors.Count == 0 ? ErrorOf(entry, message!) : null, errors);
    }

    private static JobError ErrorOf(JsonElement entry, string message) =>
        new(TextLimits.Cut(message, TextLimits.ErrorMessage), TextOf(entry, "stack") is { } stack ? TextLimits.Cut(stack, TextLimits.ErrorStack) : null);

    private static string? TextOf(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
