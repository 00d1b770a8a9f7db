using System.Collections.Concurrent;

namespace WhiteCross.MessageDelivery;

/// <summary>Knows which users are connected.</summary>
internal interface IPresence
{
    /// <summary>A connection of a user has opened, and is in the user's group already.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="connectionId">The connection.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask OpenedAsync(Guid userId, string connectionId, CancellationToken cancellationToken);

    /// <summary>A connection of a user has closed.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="connectionId">The connection.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask ClosedAsync(Guid userId, string connectionId, CancellationToken cancellationToken);

    /// <summary>How many connections a user has.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask<int> CountAsync(Guid userId, CancellationToken cancellationToken);
}

/// <summary>Presence in this process: all there is to know as long as the service runs as one instance.</summary>
internal sealed class LocalPresence : IPresence
{
    private readonly ConcurrentDictionary<Guid, int> _connections = new();

    /// <inheritdoc/>
    public ValueTask OpenedAsync(Guid userId, string connectionId, CancellationToken cancellationToken)
    {
        _connections.AddOrUpdate(userId, 1, static (_, count) => count + 1);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ClosedAsync(Guid userId, string connectionId, CancellationToken cancellationToken)
    {
        // The pair is removed only as it was seen, so that a connection that opens meanwhile is not forgotten.
        if (_connections.AddOrUpdate(userId, 0, static (_, count) => count - 1) <= 0)
        {
            ((ICollection<KeyValuePair<Guid, int>>)_connections).Remove(new(userId, 0));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> CountAsync(Guid userId, CancellationToken cancellationToken) => ValueTask.FromResult(_connections.GetValueOrDefault(userId));
}
