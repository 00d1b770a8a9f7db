using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow.Registration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dapr.Workflow;

/// <summary>More to set on added workflows.</summary>
public sealed class DaprWorkflowBuilder
{
    internal DaprWorkflowBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Sets how inputs and results are written; the same in the worker and in the client. Default: JSON with web defaults.</summary>
    /// <param name="serializer">The serializer.</param>
    public DaprWorkflowBuilder WithSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        Services.Replace(ServiceDescriptor.Singleton(serializer));
        return this;
    }

    /// <summary>Sets the JSON options of inputs and results. Default: web defaults.</summary>
    /// <param name="options">The options.</param>
    public DaprWorkflowBuilder WithJsonSerializer(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WithSerializer(new JsonDaprSerializer(options));
    }

    /// <summary>Limits the messages from and to the sidecar. Default: no limit here, since the sidecar has its own.</summary>
    /// <param name="maxReceiveMessageSize">The largest message from the sidecar, in bytes; null: no limit.</param>
    /// <param name="maxSendMessageSize">The largest message to the sidecar, in bytes; null: no limit.</param>
    public DaprWorkflowBuilder WithGrpcMessageSizeLimits(int? maxReceiveMessageSize = null, int? maxSendMessageSize = null)
    {
        ThrowIfNotPositive(maxReceiveMessageSize, nameof(maxReceiveMessageSize));
        ThrowIfNotPositive(maxSendMessageSize, nameof(maxSendMessageSize));
        Services.Replace(ServiceDescriptor.Singleton(new MessageSizeLimits(maxReceiveMessageSize, maxSendMessageSize)));
        return this;
    }

    private static void ThrowIfNotPositive(int? size, string name)
    {
        if (size is { } bytes)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes, name);
        }
    }
}
