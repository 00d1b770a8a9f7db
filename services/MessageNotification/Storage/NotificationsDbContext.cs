using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>The database of notifications and preferences. One model; a class per provider below it, since each has migrations of its own.</summary>
public abstract class NotificationsDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>What users see in the app.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>What users want to be notified of, and when.</summary>
    public DbSet<NotificationPreferences> Preferences => Set<NotificationPreferences>();

    /// <summary>When providers with a rate may be asked next.</summary>
    public DbSet<ProviderTurn> ProviderTurns => Set<ProviderTurn>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        modelBuilder.Entity<Notification>(notification =>
        {
            notification.ToTable("notifications");
            notification.HasKey(n => n.Id);
            notification.Property(n => n.Id).ValueGeneratedNever();
            notification.Property(n => n.Title).HasMaxLength(200);
            notification.Property(n => n.Text).HasMaxLength(1_000);
            notification.Property(n => n.Priority).HasConversion<int>();

            // Newest first, with the id to tell notifications of one millisecond apart: the order of every page.
            notification.HasIndex(n => new { n.UserId, n.CreatedAt, n.Id }).IsDescending(false, true, true).HasDatabaseName("ix_notifications_user");
            notification.HasIndex(n => new { n.UserId, n.CreatedAt, n.Id }, "unread").IsDescending(false, true, true)
                .HasFilter("read_at IS NULL").HasDatabaseName("ix_notifications_unread");
        });
        modelBuilder.Entity<NotificationPreferences>(preferences =>
        {
            preferences.ToTable("notification_preferences");
            preferences.HasKey(p => p.UserId);
            preferences.Property(p => p.UserId).ValueGeneratedNever();
            preferences.Property(p => p.OptedOut).HasConversion<int>();
            preferences.Property(p => p.TimeZone).HasMaxLength(100);
            preferences.Ignore(p => p.QuietHours);
        });

        modelBuilder.Entity<ProviderTurn>(turn =>
        {
            turn.ToTable("provider_turns");
            turn.HasKey(t => t.Provider);
            turn.Property(t => t.Provider).HasMaxLength(50);
        });

        modelBuilder.UseSnakeCaseColumns();
    }
}
