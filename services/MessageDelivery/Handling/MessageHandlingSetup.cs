using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Settings;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers the jobs' handlers and what they need.</summary>
internal static class MessageHandlingSetup
{
    public static void AddMessageHandling(this IServiceCollection services)
    {
        services.AddSettings<DeliveryOptions>(DeliveryOptions.SectionName);
        services.AddJobPublishing();
        services.TryAddSingleton<IMessageEncryptor, ServiceMessageEncryptor>();
        services.TryAddSingleton<IFollowUpJobs, FollowUpJobs>();
        services.AddHostedService<UnacknowledgedMessages>();
        services.AddHostedService<CopyNotices>();
        services.AddScoped<ForgottenConversations>();
        services.AddScoped<SendMessageHandler>();
        services.AddScoped<DeliveryConfirmationHandler>();
    }
}
