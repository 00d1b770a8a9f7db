using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.DeadLetters;
using WhiteCross.Jobs.Dapr.Delivering;
using WhiteCross.Jobs.Dapr.Hosting;

namespace WhiteCross.Jobs.Dapr;

/// <summary>Makes a service take the dead letters of all queues.</summary>
public static class DeadLetterExtensions
{
    /// <summary>Adds what <see cref="MapDeadLetters"/> needs besides a job store.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddDeadLetterConsumer(this IServiceCollection services)
    {
        services.AddJobPublishing();
        services.TryAddSingleton(JobEnvelopeReader.Default);
        services.TryAddSingleton<SidecarToken>();
        services.TryAddSingleton<DeadLetterConsumer>();
        return services;
    }

    /// <summary>
    /// Subscribes the service to the dead-letter topics. A sidecar puts a dead letter on the component that the event came by, hence a subscription
    /// for each lane. Raw, since a sidecar that must read what is in the topic delivers nothing that is no JSON, and nothing that has expired.
    /// </summary>
    /// <param name="app">The app.</param>
    public static IEndpointRouteBuilder MapDeadLetters(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var token = app.ServiceProvider.GetRequiredService<SidecarToken>();
        var consumer = app.ServiceProvider.GetRequiredService<DeadLetterConsumer>();
        foreach (var queue in JobQueues.All)
        {
            foreach (var lane in JobLanes.All)
            {
                RequestDelegate handle = context => consumer.HandleAsync(context, queue);
                DeliveryBody.Of(app.MapPost($"/dead-letters/{lane.PubSub}/{queue.Name}", handle))
                    .WithTopic(new TopicOptions { PubsubName = lane.PubSub, Name = queue.DeadLetterTopic, EnableRawPayload = true })
                    .ExcludeFromDescription()
                    .AllowAnonymous()
                    .ForSidecarOnly(token);
            }
        }

        app.MapSubscribeHandler().ExcludeFromDescription().AllowAnonymous().ForSidecarOnly(token);
        return app;
    }
}
