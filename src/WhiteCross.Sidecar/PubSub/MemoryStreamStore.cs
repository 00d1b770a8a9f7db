namespace WhiteCross.Sidecar.PubSub;

/// <summary>The streams of the embedded broker.</summary>
internal sealed class MemoryStreamStore(EmbeddedBroker broker) : IStreamStore
{
    public Task AppendAsync(string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        broker.Append(topic, data, metadata);
        return Task.CompletedTask;
    }

    public Task EnsureGroupAsync(string topic, string group, CancellationToken cancellationToken)
    {
        broker.EnsureGroup(topic, group);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<StreamEntry>> ReadAsync(IReadOnlyList<string> topics, string group, int count, CancellationToken cancellationToken) =>
        broker.ReadAsync(topics, group, count, cancellationToken);

    public Task<IReadOnlyList<StreamEntry>> ClaimAsync(string topic, string group, TimeSpan minimumIdle, int count, CancellationToken cancellationToken) =>
        Task.FromResult(broker.Claim(topic, group, minimumIdle, count));

    public Task AcknowledgeAsync(string topic, string group, string id, CancellationToken cancellationToken)
    {
        broker.Acknowledge(topic, group, id);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
