using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Records as one may look at them without seeing what the job was about.</summary>
internal static class WithoutContent
{
    public static JsonElement Nothing { get; } = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>Reads the query's <c>data</c>: whether content is left out. What is neither true nor false must not show what somebody meant to leave out.</summary>
    public static bool TryRead(string? data, out bool isWanted)
    {
        isWanted = string.Equals(data, "false", StringComparison.OrdinalIgnoreCase);
        return isWanted || data is null || string.Equals(data, "true", StringComparison.OrdinalIgnoreCase);
    }

    public static IResult Refuse() => Problems.Invalid("data", "must be true or false.");

    public static JobRecord Of(JobRecord job) => job with { Data = Nothing, Result = null, Progress = job.Progress with { Data = null } };
}
