using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WhiteCross.MessageEncryption;

/// <summary>Not ready without keys; degraded while newer ones cannot be read.</summary>
internal sealed class KeyRingHealth(KeyRingSource keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(keys.IsCurrent ? HealthCheckResult.Healthy()
            : keys.HasKeys ? HealthCheckResult.Degraded()
            : HealthCheckResult.Unhealthy());
}
