using Dapr.Client.Autogen.Grpc.v1;
using WhiteCross.Sidecar.Delivery;
using WhiteCross.Sidecar.Http;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Running;
using Status = Dapr.Client.Autogen.Grpc.v1.ActorRuntime.Types.ActorRuntimeStatus;

namespace WhiteCross.Sidecar.Grpc;

/// <summary>The metadata over gRPC.</summary>
internal static class MetadataMessage
{
    public static GetMetadataResponse Of(SidecarRuntime runtime, SidecarExtendedMetadata extended)
    {
        var hasActors = RuntimeMetadata.HasActors(runtime);
        var response = new GetMetadataResponse
        {
            Id = runtime.Options.AppId,
            RuntimeVersion = SidecarExtendedMetadata.RuntimeVersion,
            ActorRuntime = new ActorRuntime
            {
                RuntimeStatus = hasActors ? Status.Running : Status.Disabled,
                HostReady = hasActors,
                Placement = hasActors ? "placement: connected" : string.Empty,
            },
        };
        response.ExtendedMetadata.Add(extended.All.ToDictionary());
        response.EnabledFeatures.Add(RuntimeMetadata.FeaturesOf(runtime.Resources.Configuration));
        response.RegisteredComponents.Add(runtime.Resources.Components.Select(Component));
        response.Subscriptions.Add(runtime.Subscribers.Select(Subscription));
        response.Resiliencies.Add(runtime.Resources.Resiliency.Select(document => new MetadataResiliency { Name = document.Header.Name }));
        if (runtime.Options.AppPort is { } port)
        {
            response.AppConnectionProperties = AppConnection(runtime.Options, port);
        }

        return response;
    }

    private static RegisteredComponents Component(ComponentResource resource)
    {
        var component = new RegisteredComponents { Name = resource.Name, Type = resource.Type, Version = resource.Version };
        component.Capabilities.Add(RuntimeMetadata.CapabilitiesOf(resource));
        return component;
    }

    private static PubsubSubscription Subscription(Subscriber subscriber)
    {
        var resource = subscriber.Subscription;
        var subscription = new PubsubSubscription
        {
            PubsubName = resource.PubSubName,
            Topic = resource.Topic,
            DeadLetterTopic = resource.DeadLetterTopic ?? string.Empty,
            Rules = new PubsubSubscriptionRules(),
            Type = resource.Name.Length == 0 ? PubsubSubscriptionType.Programmatic : PubsubSubscriptionType.Declarative,
        };
        subscription.Rules.Rules.Add(resource.Rules.Select(rule => new PubsubSubscriptionRule { Match = rule.Match?.Text ?? string.Empty, Path = rule.Path }));
        return subscription;
    }

    private static AppConnectionProperties AppConnection(SidecarOptions options, int port)
    {
        var connection = new AppConnectionProperties { Port = port, Protocol = "http", ChannelAddress = options.AppChannelAddress, MaxConcurrency = Math.Max(options.AppMaxConcurrency, 0) };
        if (options.EnableAppHealthCheck)
        {
            connection.Health = new AppConnectionHealthProperties
            {
                HealthCheckPath = options.AppHealthCheckPath,
                HealthProbeInterval = GoDuration.Format(options.AppHealthProbeInterval),
                HealthProbeTimeout = GoDuration.Format(options.AppHealthProbeTimeout),
                HealthThreshold = options.AppHealthThreshold,
            };
        }

        return connection;
    }
}
