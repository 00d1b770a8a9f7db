using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>The job of a schedule that is changed: whoever changes only its times need not know what the job is about.</summary>
internal static class ScheduleJob
{
    /// <summary>The request with the job of the schedule that is there, where it names none; as it is where it names one, or nothing is there.</summary>
    public static async Task<ReadOnlyMemory<byte>> KeepAsync(ReadOnlyMemory<byte> request, string queue, IVersionedStore<JobSchedule> schedules, CancellationToken cancellationToken)
    {
        if (Parse(request) is not { } asked || asked.ContainsKey("job") || asked["id"] is not JsonValue value || !value.TryGetValue<string>(out var id)
            || await schedules.FindAsync(queue, id, cancellationToken) is not { Job.ValueKind: JsonValueKind.Object } current)
        {
            return request; // What is wrong with it, its reader says.
        }

        asked["job"] = JsonNode.Parse(current.Job.GetRawText());
        return JsonSerializer.SerializeToUtf8Bytes(asked);
    }

    private static JsonObject? Parse(ReadOnlyMemory<byte> request)
    {
        try
        {
            return JsonNode.Parse(request.Span, new JsonNodeOptions { PropertyNameCaseInsensitive = true }, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
