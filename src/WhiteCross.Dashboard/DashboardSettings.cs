using System.Security.Claims;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard;

/// <summary>What the pages need to know.</summary>
internal sealed record DashboardSettings(IReadOnlyList<QueueTypes> Queues, string TraceUrl, AlertThresholds Alerts, int UndoSeconds, string? Notice, SignedIn? Caller)
{
    public static DashboardSettings From(DashboardOptions options, ClaimsPrincipal caller) => new(
        [.. JobQueues.All.Select(queue => new QueueTypes(queue.Name, queue.JobTypes))],
        options.TraceUrl ?? string.Empty,
        new AlertThresholds(options.AlertFailureRate, options.AlertWaiting, options.AlertFailed, options.AlertStalled),
        options.UndoSeconds,
        options.Notice,
        SignedIn.Of(caller));
}

/// <summary>Who looks; null where nobody is asked who they are, since only this machine is served.</summary>
internal sealed record SignedIn(string Name, string Role)
{
    // From the one that may most.
    private static readonly string[] Roles = ["admin", "operator", "viewer"];

    public static SignedIn? Of(ClaimsPrincipal caller) =>
        caller.Identity is { IsAuthenticated: true } ? new SignedIn(caller.FindFirstValue("sub") ?? "somebody", Roles.FirstOrDefault(caller.IsInRole) ?? "viewer") : null;
}

/// <summary>A queue and the types of its jobs.</summary>
internal sealed record QueueTypes(string Name, IReadOnlyList<string> Types);

/// <summary>From when on a queue is pointed out.</summary>
internal sealed record AlertThresholds(double FailureRate, int Waiting, int Failed, int Stalled);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DashboardSettings))]
internal sealed partial class DashboardJsonContext : JsonSerializerContext;
