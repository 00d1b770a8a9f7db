using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers the jobs' handlers and what they need.</summary>
internal static class MessageHandlingSetup
{
    public static void AddMessageHandling(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<DeliveryOptions, DeliveryOptionsValidator>().BindConfiguration(DeliveryOptions.SectionName);
        services.AddJobPublishing();
        services.TryAddSingleton<IMessageEncryptor, ServiceMessageEncryptor>();
        services.TryAddSingleton<IFollowUpJobs, FollowUpJobs>();
        services.AddScoped<SendMessageHandler>();
        services.AddScoped<DeliveryConfirmationHandler>();
    }
}
