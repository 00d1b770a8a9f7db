using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Records as everybody may look at them: without what the jobs are about. That is revealed one by one, with a reason, and written down.</summary>
internal static class WithoutContent
{
    public static JsonElement Nothing { get; } = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>Whether the query's <c>data</c> asks for what can be had.</summary>
    public static bool IsUnderstood(string? data) => data is null || string.Equals(data, "false", StringComparison.OrdinalIgnoreCase);

    public static string Rule(string? data) => string.Equals(data, "true", StringComparison.OrdinalIgnoreCase)
        ? "cannot be had here: what a job is about is told by POST …/reveal?reason= only."
        : "must be true or false.";

    public static IResult Refuse(string? data) => Problems.Invalid("data", Rule(data));

    /// <summary>One job's record: also its result, which is what its publisher asks for. Handlers put no content there.</summary>
    public static JobRecord Of(JobRecord job) => job with { Data = Nothing };

    /// <summary>The record as it is in a list, where nobody asks for this job's result in particular.</summary>
    public static JobRecord OfListed(JobRecord job) => job with { Data = Nothing, Result = null, Progress = job.Progress with { Data = null } };

    /// <summary>A schedule without the data of its job; a clean-up's says what will be deleted, and is about nobody.</summary>
    public static JobSchedule Of(JobSchedule schedule)
    {
        if (schedule.Job.ValueKind != JsonValueKind.Object)
        {
            return schedule with { Job = Nothing }; // Sealed with a key that is gone.
        }

        if (schedule.Queue == JobQueues.MessageCleanup)
        {
            return schedule;
        }

        var isEnvelope = schedule.Job.TryGetProperty("data", out _);
        var shown = isEnvelope ? schedule.Job.EnumerateObject().Where(member => member.Name != "data").ToDictionary(member => member.Name, member => member.Value) : [];
        return schedule with { Job = JsonSerializer.SerializeToElement(shown) };
    }
}
