using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Which database holds notifications and preferences, and how to reach it.</summary>
/// <param name="IsPostgres">PostgreSQL; otherwise SQLite.</param>
/// <param name="ConnectionString">How to reach it.</param>
public sealed record NotificationDatabase(bool IsPostgres, string ConnectionString)
{
    /// <summary>The connection string. Left out: a SQLite file <c>notifications.db</c> in the data directory.</summary>
    public const string ConnectionSetting = "ConnectionStrings:Notifications";

    /// <summary><c>sqlite</c> or <c>postgresql</c>. Left out: told from the connection string.</summary>
    public const string ProviderSetting = "Database:Provider";

    /// <summary>Where SQLite files go, relative to the content root. Default: <c>data</c>.</summary>
    public const string DirectorySetting = "DataDirectory";

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="contentRoot">What a relative data directory is relative to.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static NotificationDatabase Read(IConfiguration configuration, string contentRoot)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        var text = configuration[ConnectionSetting];
        bool? isPostgres = configuration[ProviderSetting] switch
        {
            null or "" => null,
            "sqlite" => false,
            "postgresql" => true,
            _ => throw new InvalidOperationException($"{ProviderSetting} must be sqlite or postgresql."),
        };

        if (string.IsNullOrWhiteSpace(text))
        {
            return isPostgres is true
                ? throw new InvalidOperationException($"{ConnectionSetting} must be set when {ProviderSetting} is postgresql, for example \"Host=localhost;Database=notifications\".")
                : new NotificationDatabase(false, $"Data Source={Path.Combine(contentRoot, configuration[DirectorySetting] is { Length: > 0 } set ? set : "data", "notifications.db")}");
        }

        DbConnectionStringBuilder parts;
        try
        {
            parts = new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            // Its message repeats the text, and with it the password.
            throw new InvalidOperationException($"{ConnectionSetting} is not a connection string; it is made of name=value pairs with semicolons between.");
        }

        var hasHost = parts.ContainsKey("Host") || parts.ContainsKey("Server");
        var hasFile = parts.ContainsKey("Data Source") || parts.ContainsKey("DataSource") || parts.ContainsKey("Filename");
        if (isPostgres is null && hasHost == hasFile)
        {
            throw new InvalidOperationException($"{ConnectionSetting} names no database: a PostgreSQL string has Host=…, a SQLite string has Data Source=…; or set {ProviderSetting}.");
        }

        return new NotificationDatabase(isPostgres ?? hasHost, text);
    }
}

/// <summary>Registers the notifications' database.</summary>
internal static class NotificationDatabaseSetup
{
    public static void AddNotificationDatabase(this IServiceCollection services)
    {
        services.AddSingleton(provider => NotificationDatabase.Read(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        services.AddPooledDbContextFactory<SqliteNotificationsDbContext>((provider, options) =>
            options.UseSqlite(provider.GetRequiredService<NotificationDatabase>().ConnectionString));
        services.AddPooledDbContextFactory<PostgresNotificationsDbContext>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NotificationDatabase>().ConnectionString, postgres => postgres.EnableRetryOnFailure(3)));
        services.AddScoped<NotificationsDbContext>(provider => provider.GetRequiredService<NotificationDatabase>().IsPostgres
            ? provider.GetRequiredService<IDbContextFactory<PostgresNotificationsDbContext>>().CreateDbContext()
            : provider.GetRequiredService<IDbContextFactory<SqliteNotificationsDbContext>>().CreateDbContext());
        services.AddScoped<NotificationStore>();
        services.AddScoped<PreferenceStore>();
        services.AddSingleton<MigrateNotificationDatabase>();
        services.AddSingleton<IDatabaseMigration>(provider => provider.GetRequiredService<MigrateNotificationDatabase>());
        services.AddHostedService(provider => provider.GetRequiredService<MigrateNotificationDatabase>());
        services.AddHealthChecks().AddCheck<NotificationDatabaseHealth>("notifications-database", tags: [ServiceHealth.ReadyTag], timeout: TimeSpan.FromSeconds(5));
    }

    private sealed class NotificationDatabaseHealth(NotificationsDbContext database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await database.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
    }
}
