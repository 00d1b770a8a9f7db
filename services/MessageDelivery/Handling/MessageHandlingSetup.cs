namespace WhiteCross.MessageDelivery;

/// <summary>Registers what the jobs' handlers need.</summary>
internal static class MessageHandlingSetup
{
    public static void AddMessageHandling(this IServiceCollection services)
    {
        services.AddSingleton<IMessageEncryptor, UnconfiguredMessageEncryptor>();
        services.AddSingleton<IFollowUpJobs, NoFollowUpJobs>();
    }
}
