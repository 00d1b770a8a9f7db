using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>The last changes of health, for any number of gateways that see them.</summary>
internal interface IHealthHistory
{
    /// <summary>The most changes that are kept; the oldest go first.</summary>
    const int Capacity = 200;

    /// <summary>
    /// Adds what was seen of a component, if it is a change: not when the component's last known status is the same, or was seen later. The first
    /// status of a component is remembered, and is a change unless it is healthy.
    /// </summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was added.</returns>
    Task<bool> AddAsync(HealthChange seen, CancellationToken cancellationToken);

    /// <summary>The newest changes, newest first.</summary>
    /// <param name="limit">The most changes.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<HealthChange>> ListAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>A change of a component's health.</summary>
/// <param name="Component">A queue's name, <c>redis</c> or <c>sidecar</c>.</param>
/// <param name="Status">How it has fared since.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="At">When it was seen.</param>
internal sealed record HealthChange(string Component, QueueHealthStatus Status, string Reason, DateTimeOffset At);
