namespace WhiteCross.MessageDelivery;

/// <summary>Registers the jobs' handlers and what they need.</summary>
internal static class MessageHandlingSetup
{
    public static void AddMessageHandling(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<DeliveryOptions, DeliveryOptionsValidator>().BindConfiguration(DeliveryOptions.SectionName);
        services.AddSingleton<IMessageEncryptor, UnconfiguredMessageEncryptor>();
        services.AddSingleton<IFollowUpJobs, NoFollowUpJobs>();
        services.AddScoped<SendMessageHandler>();
        services.AddScoped<DeliveryConfirmationHandler>();
    }
}
