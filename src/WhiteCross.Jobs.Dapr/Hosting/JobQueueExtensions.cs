using Dapr;
using Dapr.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.Delivering;
using WhiteCross.Jobs.Dapr.Hosting;
using WhiteCross.Jobs.Dapr.Maintaining;
using WhiteCross.Jobs.Dapr.Publishing;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Dapr;

/// <summary>Adds queues to a service.</summary>
public static class JobQueueExtensions
{
    /// <summary>
    /// Makes the service work on a queue; add a handler for each of its job types. The service also needs a job store (<see cref="IJobStore"/> and
    /// <see cref="ILaneInspector"/>, from <c>AddJobStore</c>) and <see cref="MapJobQueues"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="queue">The queue's name; see <see cref="JobQueues"/>.</param>
    /// <exception cref="ArgumentException">There is no queue of that name.</exception>
    public static JobQueueBuilder AddJobQueue(this IServiceCollection services, string queue)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new JobQueueBuilder(services, JobQueues.Get(queue));
        services.AddJobPublishing();
        services.TryAddSingleton(JobEnvelopeReader.Default);
        services.TryAddSingleton<SidecarToken>();
        services.AddSingleton(provider => new JobQueueHost(provider, builder.Queue, new JobHandlerTable(builder.Invokers)));
        services.AddSingleton<IHostedService>(provider => provider.GetServices<JobQueueHost>().Single(host => host.Definition == builder.Queue));
        return builder;
    }

    /// <summary>Makes the service able to add jobs to any queue: <see cref="IJobPublisher"/>.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddJobPublishing(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddDaprClient();
        services.AddQueueOptions();
        services.AddJobStoreRoles();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSettings<PublishingOptions>(PublishingOptions.SectionName);
        services.TryAddSingleton<SidecarWatch>();
        services.TryAddSingleton<EventSizes>();
        services.TryAddSingleton<JobEventPublisher>();
        services.TryAddSingleton<Announcer>();
        services.TryAddSingleton<DeadLetterPublisher>();
        services.TryAddSingleton<IDeadLetterPublisher>(provider => provider.GetRequiredService<DeadLetterPublisher>());
        services.TryAddSingleton<JobPublisher>();
        services.TryAddSingleton<IJobPublisher>(provider => provider.GetRequiredService<JobPublisher>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PublisherClosing>());
        return services;
    }

    /// <summary>
    /// Makes the service keep queues going that it does not work on: due jobs are promoted, stalled ones recovered, dead letters published, also while
    /// no instance of the queue's own service runs.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="queues">The queues' names.</param>
    public static IServiceCollection AddQueueMaintenance(this IServiceCollection services, params IEnumerable<string> queues)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddJobPublishing();
        foreach (var queue in queues)
        {
            services.AddSingleton<IHostedService>(provider =>
                QueueMaintenance.Create(provider, queue, provider.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get(queue)));
        }

        return services;
    }

    /// <summary>
    /// Subscribes the service to the four lanes of each of its queues, with the queue's dead-letter topic, and tells the sidecar so
    /// (<c>GET /dapr/subscribe</c>).
    /// </summary>
    /// <param name="app">The app.</param>
    public static IEndpointRouteBuilder MapJobQueues(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var token = app.ServiceProvider.GetRequiredService<SidecarToken>();
        foreach (var host in app.ServiceProvider.GetServices<JobQueueHost>())
        {
            foreach (var lane in JobLanes.All)
            {
                Map(app, host, lane, token);
            }
        }

        app.MapSubscribeHandler().ExcludeFromDescription().AllowAnonymous().ForSidecarOnly(token);
        return app;
    }

    private static void Map(IEndpointRouteBuilder app, JobQueueHost host, JobLane lane, SidecarToken token)
    {
        var topic = lane.TopicOf(host.Definition.Name);
        RequestDelegate handle = host.Endpoint.HandleAsync;
        var route = DeliveryBody.Of(app.MapPost($"/deliveries/{topic}", handle))
            .WithTopic(new TopicOptions { PubsubName = lane.PubSub, Name = topic, DeadLetterTopic = host.Definition.DeadLetterTopic })
            .ExcludeFromDescription()
            .AllowAnonymous()
            .ForSidecarOnly(token);
        if (host.Options.BulkSubscribe)
        {
            route.WithBulkSubscribe(new BulkSubscribeTopicOptions
            {
                TopicName = topic,
                MaxMessagesCount = host.Options.BulkMaxMessages,
                MaxAwaitDurationMs = host.Options.BulkMaxAwaitMilliseconds,
            });
        }
    }
}
