using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>A store whose writes time out again and again: some were made, some were not, and nobody can tell.</summary>
internal sealed class FlakyStore(IWorkflowStore store, Random random) : IWorkflowStore
{
    private readonly Lock _lock = new();
    private int _failures;
    private int _writes;

    /// <summary>Every so many writes one fails; 0: none.</summary>
    public int FailsOneIn { get; set; }

    public int Failures => Volatile.Read(ref _failures);

    public Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken) => store.LoadAsync(instanceId, cancellationToken);

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    public Task<IReadOnlyList<string>> ListLiveAsync(CancellationToken cancellationToken) => store.ListLiveAsync(cancellationToken);

    public async Task<bool> ApplyAsync(IReadOnlyList<InstanceChange> changes, CancellationToken cancellationToken)
    {
        bool fails;
        bool writes;
        lock (_lock)
        {
            fails = FailsOneIn > 0 && ++_writes % FailsOneIn == 0;
            writes = random.Next(2) == 0;
        }

        if (!fails)
        {
            return await store.ApplyAsync(changes, cancellationToken);
        }

        if (writes)
        {
            await store.ApplyAsync(changes, cancellationToken);
        }

        Interlocked.Increment(ref _failures);
        throw new TimeoutException("The store did not answer in time.");
    }
}
