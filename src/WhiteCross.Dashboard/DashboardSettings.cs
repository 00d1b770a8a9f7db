using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard;

/// <summary>What the pages need to know.</summary>
internal sealed record DashboardSettings(IReadOnlyList<QueueTypes> Queues, string TraceUrl, AlertThresholds Alerts, int UndoSeconds, string? Notice)
{
    public static DashboardSettings From(DashboardOptions options) => new(
        [.. JobQueues.All.Select(queue => new QueueTypes(queue.Name, queue.JobTypes))],
        options.TraceUrl ?? string.Empty,
        new AlertThresholds(options.AlertFailureRate, options.AlertWaiting, options.AlertFailed, options.AlertStalled),
        options.UndoSeconds,
        options.Notice);
}

/// <summary>A queue and the types of its jobs.</summary>
internal sealed record QueueTypes(string Name, IReadOnlyList<string> Types);

/// <summary>From when on a queue is pointed out.</summary>
internal sealed record AlertThresholds(double FailureRate, int Waiting, int Failed, int Stalled);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DashboardSettings))]
internal sealed partial class DashboardJsonContext : JsonSerializerContext;
