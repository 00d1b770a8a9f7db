using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Dapr.Workflow.Registration;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dapr.Workflow;

/// <summary>Adds workflows to an app.</summary>
public static class WorkflowServiceCollectionExtensions
{
    /// <summary>Adds <see cref="DaprWorkflowClient"/>, and the worker for what is registered elsewhere.</summary>
    /// <param name="serviceCollection">The services.</param>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection serviceCollection)
    {
        serviceCollection.AddDaprWorkflowBuilder(configureRuntime: null);
        return serviceCollection;
    }

    /// <summary>Adds workflows and activities, the worker that runs them, and <see cref="DaprWorkflowClient"/>.</summary>
    /// <param name="serviceCollection">The services.</param>
    /// <param name="configure">Registers the workflows and activities.</param>
    /// <param name="lifetime">The lifetime of <see cref="DaprWorkflowClient"/>.</param>
    public static IServiceCollection AddDaprWorkflow(
        this IServiceCollection serviceCollection, Action<WorkflowRuntimeOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        serviceCollection.AddDaprWorkflowBuilder(configure, configureClient: null, lifetime);
        return serviceCollection;
    }

    /// <summary>Adds workflows and activities, the worker that runs them, and <see cref="DaprWorkflowClient"/>, with more to set.</summary>
    /// <param name="serviceCollection">The services.</param>
    /// <param name="configureRuntime">Registers the workflows and activities.</param>
    /// <param name="configureClient">Sets the sidecar's address and token, when they are not to come from configuration and environment.</param>
    /// <param name="lifetime">The lifetime of <see cref="DaprWorkflowClient"/>.</param>
    public static DaprWorkflowBuilder AddDaprWorkflowBuilder(
        this IServiceCollection serviceCollection,
        Action<WorkflowRuntimeOptions>? configureRuntime,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(serviceCollection);
        var options = serviceCollection.AddOptions<WorkflowRuntimeOptions>();
        if (configureRuntime is not null)
        {
            options.Configure(configureRuntime);
        }

        serviceCollection.AddLogging();
        serviceCollection.TryAddSingleton(services => services.GetRequiredService<IOptions<WorkflowRuntimeOptions>>().Value);
        serviceCollection.TryAddSingleton(TimeProvider.System);
        serviceCollection.TryAddSingleton<IDaprSerializer>(_ => new JsonDaprSerializer(new JsonSerializerOptions(JsonSerializerDefaults.Web)));
        serviceCollection.TryAddSingleton(WorkerLimits.Default);
        serviceCollection.TryAddSingleton(services => Connect(services, configureClient));
        serviceCollection.TryAddSingleton<TurnRunner>();
        serviceCollection.TryAddSingleton<ActivityRunner>();
        serviceCollection.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WorkflowWorker>());
        serviceCollection.TryAdd(new ServiceDescriptor(
            typeof(DaprWorkflowClient),
            services => new DaprWorkflowClient(
                services.GetRequiredService<SidecarConnection>(),
                services.GetRequiredService<IDaprSerializer>(),
                services.GetRequiredService<TimeProvider>(),
                ownsConnection: false),
            lifetime));
        return new DaprWorkflowBuilder(serviceCollection);
    }

    private static SidecarConnection Connect(IServiceProvider services, Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient)
    {
        var builder = new DaprWorkflowClientBuilder(services.GetService<IConfiguration>());
        if (services.GetRequiredService<WorkflowRuntimeOptions>().ChannelOptions is { } channel)
        {
            builder.UseGrpcChannelOptions(channel);
        }
        else if (services.GetService<MessageSizeLimits>() is { } limits)
        {
            builder.LimitMessages(limits);
        }

        configureClient?.Invoke(services, builder);
        return builder.Connect();
    }
}
