using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>The database of notifications and preferences, and what reads and writes it.</summary>
internal static class NotificationDatabase
{
    /// <summary>The connection string. Left out: a SQLite file <c>notifications.db</c> in the data directory.</summary>
    public const string ConnectionSetting = "ConnectionStrings:" + Name;

    internal const string Name = "Notifications";

    internal static void AddNotificationDatabase(this IServiceCollection services)
    {
        services.AddServiceDatabase<NotificationsDbContext, SqliteNotificationsDbContext, PostgresNotificationsDbContext>(Name);
        services.AddScoped<NotificationStore>();
        services.AddScoped<PreferenceStore>();
        services.AddScoped<DeliveryStore>();
        services.AddScoped<SuppressionStore>();
        services.AddScoped<DeviceStore>();
        services.AddScoped<ContactStore>();
        services.AddScoped<DigestStore>();
    }
}
