using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Http;

namespace WhiteCross.Sidecar.Grpc;

/// <summary>Binds the Dapr service by hand: Dapr.Protos has its client only.</summary>
internal sealed class DaprMethods : IServiceMethodProvider<DaprGrpcService>
{
    private const string ServiceName = "dapr.proto.runtime.v1.Dapr";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprGrpcService> context)
    {
        Unary<PublishEventRequest, Empty>(context, "PublishEvent", static (service, request, call) => service.PublishAsync(request, call));
        Unary<BulkPublishRequest, BulkPublishResponse>(context, "BulkPublishEvent", static (service, request, call) => service.PublishBulkAsync(request, call));
        Unary<BulkPublishRequest, BulkPublishResponse>(context, "BulkPublishEventAlpha1", static (service, request, call) => service.PublishBulkAsync(request, call));
        Unary<GetStateRequest, GetStateResponse>(context, "GetState", static (service, request, call) => StateGrpcMethods.GetAsync(service.Runtime, request, call.CancellationToken));
        Unary<GetBulkStateRequest, GetBulkStateResponse>(context, "GetBulkState", static (service, request, call) => StateGrpcMethods.GetBulkAsync(service.Runtime, request, call.CancellationToken));
        Unary<SaveStateRequest, Empty>(context, "SaveState", static (service, request, call) => StateGrpcMethods.SaveAsync(service.Runtime, request, call.CancellationToken));
        Unary<DeleteStateRequest, Empty>(context, "DeleteState", static (service, request, call) => StateGrpcMethods.DeleteAsync(service.Runtime, request, call.CancellationToken));
        Unary<DeleteBulkStateRequest, Empty>(context, "DeleteBulkState", static (service, request, call) => StateGrpcMethods.DeleteBulkAsync(service.Runtime, request, call.CancellationToken));
        Unary<ExecuteStateTransactionRequest, Empty>(context, "ExecuteStateTransaction", static (service, request, call) => StateGrpcMethods.TransactAsync(service.Runtime, request, call.CancellationToken));
        Unary<InvokeBindingRequest, InvokeBindingResponse>(context, "InvokeBinding", static (_, request, _) => throw BindingEndpoints.Unknown(request.Name));
        Unary<GetSecretRequest, GetSecretResponse>(context, "GetSecret", static (service, request, _) => service.GetSecretAsync(request));
        Unary<GetBulkSecretRequest, GetBulkSecretResponse>(context, "GetBulkSecret", static (service, request, _) => service.GetBulkSecretAsync(request));
        Unary<GetMetadataRequest, GetMetadataResponse>(context, "GetMetadata", static (service, _, _) => service.GetMetadataAsync());
        Unary<SetMetadataRequest, Empty>(context, "SetMetadata", static (service, request, _) => service.SetMetadataAsync(request));
        Unary<ShutdownRequest, Empty>(context, "Shutdown", static (service, _, _) => service.ShutdownAsync());
    }

    private static void Unary<TRequest, TResponse>(
        ServiceMethodProviderContext<DaprGrpcService> context, string name, Func<DaprGrpcService, TRequest, ServerCallContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddUnaryMethod(
            new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, MarshallerOf<TRequest>(), MarshallerOf<TResponse>()),
            [],
            async (service, request, call) =>
            {
                if (!service.Runtime.Resources.Configuration.Apis.AllowsGrpc(name))
                {
                    throw new RpcException(new Status(StatusCode.Unimplemented, "requested endpoint is not available"));
                }

                try
                {
                    return await handle(service, request, call);
                }
                catch (SidecarApiException exception)
                {
                    throw new RpcException(new Status(exception.GrpcStatus, exception.Message));
                }
            });

    private static Marshaller<T> MarshallerOf<T>()
        where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new T());
        return Marshallers.Create(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}
