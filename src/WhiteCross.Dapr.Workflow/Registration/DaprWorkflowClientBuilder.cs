using System.Text.Json;
using Dapr.Common;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow.Registration;

/// <summary>
/// Builds a client outside dependency injection, and says where the sidecar is. Default: <c>DAPR_GRPC_ENDPOINT</c>, then <c>DAPR_GRPC_PORT</c>, each from
/// configuration first and from the environment second, then http://localhost:50001; the token from <c>DAPR_API_TOKEN</c>.
/// </summary>
public sealed class DaprWorkflowClientBuilder : DaprGenericClientBuilder<DaprWorkflowClient>
{
    private IDaprSerializer? _serializer;

    /// <summary>Creates a builder. The channel has no limit on message sizes, and pings after 30 s of silence.</summary>
    /// <param name="configuration">Where to look before the environment.</param>
    public DaprWorkflowClientBuilder(IConfiguration? configuration = null)
        : base(configuration)
    {
        // The base looks into the environment only, once for the process.
        UseGrpcEndpoint(DaprDefaults.GetDefaultGrpcEndpoint(configuration));
        UseDaprApiToken(DaprDefaults.GetDefaultDaprApiToken(configuration));
        UseHttpClientFactory(new SidecarHttpClientFactory());
        LimitMessages(new MessageSizeLimits(null, null));
    }

    /// <summary>Sets how inputs and results are written. Default: JSON with web defaults.</summary>
    /// <param name="serializer">The serializer.</param>
    public DaprWorkflowClientBuilder UseSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _serializer = serializer;
        return this;
    }

    /// <summary>Sets the JSON options of inputs and results. Default: web defaults.</summary>
    /// <param name="options">The options.</param>
    public DaprWorkflowClientBuilder UseJsonSerializer(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UseSerializer(new JsonDaprSerializer(options));
    }

    /// <inheritdoc/>
    public override DaprWorkflowClient Build() => new(
        Connect(),
        _serializer ?? new JsonDaprSerializer(new JsonSerializerOptions(JsonSerializerDefaults.Web)),
        TimeProvider.System,
        ownsConnection: true);

    internal void LimitMessages(MessageSizeLimits limits) => UseGrpcChannelOptions(new GrpcChannelOptions
    {
        MaxReceiveMessageSize = limits.Receive,
        MaxSendMessageSize = limits.Send,
        ThrowOperationCanceledOnCancellation = true,
    });

    internal SidecarConnection Connect()
    {
        var (channel, http, _, token) = BuildDaprClientDependencies(typeof(DaprWorkflowClient).Assembly);
        return new SidecarConnection(channel, http, token);
    }
}
