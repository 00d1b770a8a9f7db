namespace WhiteCross.Sidecar.PubSub;

/// <summary>Streams with consumer groups: Redis Streams, or the same in memory. What is done with them is in <see cref="PubSubComponent"/>.</summary>
internal interface IStreamStore : IAsyncDisposable
{
    /// <summary>Adds an entry.</summary>
    Task AppendAsync(string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);

    /// <summary>Makes sure that a group exists; a new one begins with the first entry of the stream.</summary>
    Task EnsureGroupAsync(string topic, string group, CancellationToken cancellationToken);

    /// <summary>Reads entries that the group has not read, and makes them pending. Waits until there are some, but may return none after a while.</summary>
    Task<IReadOnlyList<StreamEntry>> ReadAsync(IReadOnlyList<string> topics, string group, int count, CancellationToken cancellationToken);

    /// <summary>Takes over pending entries that nobody has acknowledged for that long.</summary>
    Task<IReadOnlyList<StreamEntry>> ClaimAsync(string topic, string group, TimeSpan minimumIdle, int count, CancellationToken cancellationToken);

    /// <summary>Acknowledges an entry: it is no longer pending.</summary>
    Task AcknowledgeAsync(string topic, string group, string id, CancellationToken cancellationToken);
}
