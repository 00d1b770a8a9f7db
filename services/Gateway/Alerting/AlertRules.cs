using WhiteCross.Dashboard;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>What one rule found about one queue.</summary>
internal sealed record AlertFinding(string Queue, string Kind, double Value, double Threshold)
{
    public bool IsBeyond => Value > Threshold;
}

/// <summary>From when on a queue is pointed out: by the same limits as on the dashboard's overview.</summary>
internal static class AlertRules
{
    public static IEnumerable<AlertFinding> Look(QueueMetrics queue, long stalledWithinHour, DashboardOptions limits) =>
    [
        new(queue.Name, AlertKinds.FailureRate, queue.FailureRate, limits.AlertFailureRate),
        new(queue.Name, AlertKinds.Failed, queue.Failed, limits.AlertFailed),
        new(queue.Name, AlertKinds.Waiting, queue.Waiting, limits.AlertWaiting),
        new(queue.Name, AlertKinds.Stalled, stalledWithinHour, limits.AlertStalled),
        new(queue.Name, AlertKinds.Paused, queue.IsPaused ? 1 : 0, 0),
    ];
}
