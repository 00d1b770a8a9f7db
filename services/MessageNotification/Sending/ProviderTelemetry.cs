using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WhiteCross.MessageNotification;

/// <summary>What operators see of the providers as metrics.</summary>
internal sealed class ProviderTelemetry : IDisposable
{
    private readonly Meter _meter;

    public ProviderTelemetry(IMeterFactory meters, IEnumerable<ProviderGuard> providers)
    {
        var guards = providers.ToArray();
        _meter = meters.Create("WhiteCross.Notifications");
        _meter.CreateObservableGauge(
            "whitecross.notifications.provider.away", () => Measure(guards, status => status.IsAway ? 1 : 0), "{provider}", "1 while a provider's circuit is open, by provider.");
        _meter.CreateObservableGauge(
            "whitecross.notifications.provider.waiting", () => Measure(guards, status => status.Waiting), "{notification}", "This instance's notifications that wait for a provider, by provider.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Measure(ProviderGuard[] guards, Func<ProviderStatus, int> value) =>
        guards.Select(guard => new Measurement<int>(value(guard.Status), new KeyValuePair<string, object?>("provider", guard.Name)));
}

/// <summary>
/// A provider's state in the service's health. A service whose provider is away is degraded and stays ready: everything else of it works, and what waits
/// needs it alive.
/// </summary>
internal sealed class ProviderHealthCheck(ProviderGuard guard, string? problem) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = guard.Status;
        var data = new Dictionary<string, object>();
        if (problem is not null)
        {
            data["problem"] = problem;
        }

        if (status.OpenSince is { } since)
        {
            data["openSince"] = since;
        }

        if (status.NextTry is { } next)
        {
            data["nextTry"] = next;
        }

        if (status.Waiting > 0)
        {
            data["waiting"] = status.Waiting;
        }

        return Task.FromResult(problem is null && !status.IsAway ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(data: data));
    }
}
