using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>Puts the telling of alerts into the gateway.</summary>
internal static class AlertSetup
{
    public static void AddAlerts(this IServiceCollection services)
    {
        services.AddSettings<AlertOptions>(AlertOptions.SectionName);
        services.AddHttpClient(AlertPoster.ClientName, client => client.Timeout = AlertPoster.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers(); // They would write the address, which may hold a token.
        services.AddSingleton<AlertJudge>();
        services.AddSingleton<AlertPoster>();
        services.AddHostedService<AlertService>();
    }
}
