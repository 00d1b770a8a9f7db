using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>The state API behind both of its forms: the app's keys get their prefix, calls their policy, failures their codes.</summary>
internal sealed class StateApi(ResiliencyProvider resiliency) : IAsyncDisposable
{
    private readonly Dictionary<string, (IStateStore Store, StateKeys Keys)> _stores = new(StringComparer.Ordinal);

    public void Add(string name, IStateStore store, StateKeys keys) => _stores.Add(name, (store, keys));

    /// <exception cref="SidecarApiException">There is no such store.</exception>
    public void Check(string store) => Find(store);

    public async Task<StateEntry?> GetAsync(string store, string key, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        var inStore = InStore(keys, key);
        return await CallAsync(store, StateErrors.Get, async token => await states.GetAsync(inStore, token), cancellationToken);
    }

    /// <summary>Reads many keys; one that cannot be read does not keep the others back.</summary>
    public async Task<IReadOnlyList<StateBulkItem>> GetAllAsync(string store, IReadOnlyList<string> keys, int parallelism, CancellationToken cancellationToken)
    {
        var (states, prefix) = Find(store);
        string[] inStore = [.. keys.Select(key => InStore(prefix, key))];
        var items = await CallAsync(store, StateErrors.Get, async token => await states.GetAllAsync(inStore, parallelism, token), cancellationToken);
        return [.. items.Select((item, index) => item with { Key = keys[index] })];
    }

    /// <summary>Writes each item for itself: of several, some may be written when another is refused.</summary>
    public async Task SetAllAsync(string store, IReadOnlyList<StateWrite> writes, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        StateWrite[] inStore = [.. writes.Select(write => write with { Key = InStore(keys, write.Key) })];
        await Task.WhenAll(inStore.Select(write => CallAsync(store, StateErrors.Save, token => states.SetAsync(write, token), cancellationToken)));
    }

    public async Task DeleteAllAsync(string store, IReadOnlyList<StateDelete> deletes, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        StateDelete[] inStore = [.. deletes.Select(delete => delete with { Key = InStore(keys, delete.Key) })];
        await Task.WhenAll(inStore.Select(delete => CallAsync(store, StateErrors.Delete, token => states.DeleteAsync(delete, token), cancellationToken)));
    }

    public Task TransactAsync(string store, IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        StateOperation[] inStore = [.. operations.Select(operation => operation with { Key = InStore(keys, operation.Key) })];
        return inStore.Length == 0
            ? Task.CompletedTask
            : CallAsync(store, StateErrors.Transaction, token => states.TransactAsync(inStore, token), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (store, _) in _stores.Values)
        {
            await store.DisposeAsync();
        }
    }

    private (IStateStore Store, StateKeys Keys) Find(string store)
    {
        if (_stores.Count == 0)
        {
            throw new SidecarApiException(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", "state store is not configured");
        }

        return _stores.TryGetValue(store, out var found)
            ? found
            : throw new SidecarApiException(400, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", $"state store {store} is not found");
    }

    private static string InStore(StateKeys keys, string key)
    {
        try
        {
            return keys.InStore(key);
        }
        catch (StateStoreException exception)
        {
            throw StateErrors.Malformed(exception.Message, exception);
        }
    }

    private Task CallAsync(string store, string errorCode, Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken) => CallAsync(
        store,
        errorCode,
        async token =>
        {
            await call(token);
            return true;
        },
        cancellationToken);

    private async Task<T> CallAsync<T>(string store, string errorCode, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await resiliency.ForComponentOutbound(store, ComponentKind.Statestore).ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await call(token);
                    }
                    catch (StateStoreException exception) when (exception.Failure != StateStoreFailure.Failed)
                    {
                        // Another attempt meets the same version.
                        throw new PermanentFailureException(exception);
                    }
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is StateStoreException or PolicyFailureException)
        {
            throw StateErrors.Of(errorCode, store, exception);
        }
    }
}
