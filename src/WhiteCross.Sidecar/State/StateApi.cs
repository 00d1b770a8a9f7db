using Grpc.Core;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>The state API behind both of its forms: the app's keys get their prefix, calls their policy, failures their codes.</summary>
internal sealed class StateApi(ResiliencyProvider resiliency) : IAsyncDisposable
{
    private readonly Dictionary<string, (IStateStore Store, StateKeys Keys)> _stores = new(StringComparer.Ordinal);

    public void Add(string name, IStateStore store, StateKeys keys) => _stores.Add(name, (store, keys));

    public async Task<StateEntry?> GetAsync(string store, string key, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        return await CallAsync(store, "ERR_STATE_GET", async token => await states.GetAsync(keys.InStore(key), token), cancellationToken);
    }

    public Task SetAsync(string store, StateWrite write, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        return CallAsync(
            store,
            "ERR_STATE_SAVE",
            async token =>
            {
                await states.SetAsync(write with { Key = keys.InStore(write.Key) }, token);
                return true;
            },
            cancellationToken);
    }

    public Task DeleteAsync(string store, StateDelete delete, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        return CallAsync(
            store,
            "ERR_STATE_DELETE",
            async token =>
            {
                await states.DeleteAsync(delete with { Key = keys.InStore(delete.Key) }, token);
                return true;
            },
            cancellationToken);
    }

    public Task TransactAsync(string store, IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var (states, keys) = Find(store);
        return CallAsync(
            store,
            "ERR_STATE_TRANSACTION",
            async token =>
            {
                await states.TransactAsync([.. operations.Select(operation => operation with { Key = keys.InStore(operation.Key) })], token);
                return true;
            },
            cancellationToken,
            isTransaction: true);
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

    private async Task<T> CallAsync<T>(
        string store, string errorCode, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, bool isTransaction = false)
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
        catch (StateStoreException exception)
        {
            // A transaction reports everything alike.
            throw exception.Failure switch
            {
                StateStoreFailure.MalformedRequest => new SidecarApiException(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", exception.Message, exception),
                StateStoreFailure.ETagMismatch when !isTransaction => new SidecarApiException(409, StatusCode.Aborted, errorCode, exception.Message, exception),
                StateStoreFailure.ETagInvalid when !isTransaction => new SidecarApiException(400, StatusCode.InvalidArgument, errorCode, exception.Message, exception),
                _ => new SidecarApiException(500, StatusCode.Internal, errorCode, exception.Message, exception),
            };
        }
        catch (PolicyFailureException exception)
        {
            throw new SidecarApiException(500, StatusCode.Internal, errorCode, exception.Message, exception);
        }
    }
}
