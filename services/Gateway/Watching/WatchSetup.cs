namespace WhiteCross.Gateway;

/// <summary>Puts what watches the queues into the gateway.</summary>
internal static class WatchSetup
{
    // Two scrapers, or a scraper and an impatient operator, cost one look.
    private static readonly TimeSpan ScrapeMaxAge = TimeSpan.FromSeconds(1);

    public static void AddQueueWatch(this IServiceCollection services)
    {
        services.AddSingleton<QueueSnapshots>();
        services.AddSingleton<QueueGauges>();
        services.AddSingleton<HealthWatch>();
        services.AddSingleton<TrendWatch>();
        services.AddHostedService<QueueWatch>();
    }

    /// <summary>Has a scrape show the queues as they are now, not as they were some seconds ago.</summary>
    public static void UseFreshGauges(this WebApplication app)
    {
        var snapshots = app.Services.GetRequiredService<QueueSnapshots>();
        app.Use(async (context, next) =>
        {
            if (context.Request.Path == "/metrics")
            {
                await snapshots.GetAsync(ScrapeMaxAge, context.RequestAborted);
            }

            await next(context);
        });
    }
}
