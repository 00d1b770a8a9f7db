using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>A clean-up that is no dry run deletes for good: adding one, also by a schedule, is an admin's business, like every other removal.</summary>
internal static class CleanupRights
{
    // What says what is deleted. Whatever else its publisher put there may be about somebody.
    private static readonly string[] Noted = ["cleanupType", "olderThan", "retentionDays", "conversationIds", "userIds", "batchSize", "dryRun"];

    /// <summary>What to answer instead of adding these jobs; null when the caller may. What a clean-up was asked to delete is noted for the audit log.</summary>
    public static IResult? Refusal(HttpContext context, string queue, IEnumerable<ReadOnlyMemory<byte>> data)
    {
        var all = data.ToList();
        if (queue == JobQueues.MessageCleanup)
        {
            Audit.Asks(context, string.Join(' ', all.Select(NoteOf)));
        }

        return Refuse(context, queue, all);
    }

    private static ProblemHttpResult? Refuse(HttpContext context, string queue, List<ReadOnlyMemory<byte>> data) =>
        queue == JobQueues.MessageCleanup
        && context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.IsConfigured
        && !context.User.IsInRole(AccessRoles.Admin)
        && data.Any(one => !IsDryRun(one))
            ? TypedResults.Problem(
                $"A clean-up deletes for good, which takes the role {AccessRoles.Admin}. With \"dryRun\": true it only counts.", statusCode: StatusCodes.Status403Forbidden, title: "Not yours to delete")
            : null;

    /// <summary>The same for a schedule's job, an envelope or bare data.</summary>
    public static IResult? Refusal(HttpContext context, string queue, JsonElement job) =>
        Refusal(context, queue, [(ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(job.ValueKind == JsonValueKind.Object && job.TryGetProperty("data", out var data) ? data : job)]);

    private static string NoteOf(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.ValueKind != JsonValueKind.Object ? "{}" : JsonSerializer.Serialize(
            document.RootElement.EnumerateObject().Where(member => Noted.Contains(member.Name, StringComparer.OrdinalIgnoreCase)).DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value));
    }

    private static bool IsDryRun(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("dryRun", out var dryRun)
            && dryRun.ValueKind == JsonValueKind.True;
    }
}
