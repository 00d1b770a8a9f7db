using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Keeps changes of health as long as the process lives.</summary>
internal sealed class InMemoryHealthHistory : IHealthHistory
{
    private readonly Lock _gate = new();
    private readonly Queue<HealthChange> _changes = new();
    private readonly Dictionary<string, (QueueHealthStatus Status, DateTimeOffset At)> _last = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<bool> AddAsync(HealthChange seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seen);
        lock (_gate)
        {
            var isKnown = _last.TryGetValue(seen.Component, out var last);
            if (isKnown && (last.Status == seen.Status || last.At >= seen.At))
            {
                return Task.FromResult(false);
            }

            _last[seen.Component] = (seen.Status, seen.At);
            if (!isKnown && seen.Status == QueueHealthStatus.Healthy)
            {
                return Task.FromResult(false);
            }

            _changes.Enqueue(seen);
            if (_changes.Count > IHealthHistory.Capacity)
            {
                _changes.Dequeue();
            }

            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthChange>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<HealthChange>>([.. _changes.Reverse().Take(limit)]);
        }
    }
}
