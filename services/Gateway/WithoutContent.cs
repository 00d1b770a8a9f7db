using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Records as one may look at them without seeing what the job was about.</summary>
internal static class WithoutContent
{
    public static JsonElement Nothing { get; } = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>Whether the query's <c>data</c> is <c>false</c>.</summary>
    public static bool IsWanted(string? data) => string.Equals(data, "false", StringComparison.OrdinalIgnoreCase);

    public static JobRecord Of(JobRecord job) => job with { Data = Nothing, Result = null, Progress = job.Progress with { Data = null } };
}
