using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WhiteCross.Sidecar.Running;
using WhiteCross.Sidecar.State;
using Concurrency = Dapr.Client.Autogen.Grpc.v1.StateOptions.Types.StateConcurrency;
using Consistency = Dapr.Client.Autogen.Grpc.v1.StateOptions.Types.StateConsistency;

namespace WhiteCross.Sidecar.Grpc;

/// <summary>State over gRPC.</summary>
internal static class StateGrpcMethods
{
    public static async Task<GetStateResponse> GetAsync(SidecarRuntime runtime, GetStateRequest request, CancellationToken cancellationToken)
    {
        var entry = await runtime.State.GetAsync(request.StoreName, request.Key, cancellationToken);
        return entry is null ? new GetStateResponse() : new GetStateResponse { Data = UnsafeByteOperations.UnsafeWrap(entry.Data), Etag = entry.ETag ?? string.Empty };
    }

    public static async Task<GetBulkStateResponse> GetBulkAsync(SidecarRuntime runtime, GetBulkStateRequest request, CancellationToken cancellationToken)
    {
        var response = new GetBulkStateResponse();
        foreach (var item in await runtime.State.GetAllAsync(request.StoreName, request.Keys, request.Parallelism, cancellationToken))
        {
            response.Items.Add(item.Entry is { } entry
                ? new BulkStateItem { Key = item.Key, Data = UnsafeByteOperations.UnsafeWrap(entry.Data), Etag = entry.ETag ?? string.Empty }
                : new BulkStateItem { Key = item.Key, Error = item.Error ?? string.Empty });
        }

        return response;
    }

    public static async Task<Empty> SaveAsync(SidecarRuntime runtime, SaveStateRequest request, CancellationToken cancellationToken)
    {
        runtime.State.Check(request.StoreName);
        await runtime.State.SetAllAsync(request.StoreName, [.. request.States.Select(item => WriteOf(item, request.StoreName, StateErrors.Save))], cancellationToken);
        return new Empty();
    }

    public static async Task<Empty> DeleteAsync(SidecarRuntime runtime, DeleteStateRequest request, CancellationToken cancellationToken)
    {
        await runtime.State.DeleteAllAsync(
            request.StoreName, [new StateDelete(request.Key, request.Etag?.Value) { Concurrency = ConcurrencyOf(request.Options) }], cancellationToken);
        return new Empty();
    }

    public static async Task<Empty> DeleteBulkAsync(SidecarRuntime runtime, DeleteBulkStateRequest request, CancellationToken cancellationToken)
    {
        await runtime.State.DeleteAllAsync(
            request.StoreName,
            [.. request.States.Select(item => new StateDelete(item.Key, item.Etag?.Value) { Concurrency = ConcurrencyOf(item.Options) })],
            cancellationToken);
        return new Empty();
    }

    public static async Task<Empty> TransactAsync(SidecarRuntime runtime, ExecuteStateTransactionRequest request, CancellationToken cancellationToken)
    {
        runtime.State.Check(request.StoreName);
        await runtime.State.TransactAsync(
            request.StoreName,
            [
                .. request.Operations.Select(operation => operation.OperationType switch
                {
                    "upsert" => (StateOperation)WriteOf(operation.Request, request.StoreName, StateErrors.Transaction),
                    "delete" => new StateDelete(operation.Request.Key, operation.Request.Etag?.Value),
                    var other => throw StateErrors.UnknownOperation(other),
                }),
            ],
            cancellationToken);
        return new Empty();
    }

    private static StateWrite WriteOf(StateItem item, string store, string errorCode) => new(item.Key, item.Value.Memory.ToArray(), item.Etag?.Value)
    {
        Concurrency = ConcurrencyOf(item.Options),
        Strong = item.Options?.Consistency == Consistency.ConsistencyStrong,
        TtlInSeconds = StateTtl.Read(item.Metadata.ToDictionary(StringComparer.OrdinalIgnoreCase), store, errorCode),
    };

    private static StateConcurrency ConcurrencyOf(StateOptions? options) => options?.Concurrency switch
    {
        Concurrency.ConcurrencyFirstWrite => StateConcurrency.FirstWrite,
        Concurrency.ConcurrencyLastWrite => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };
}
