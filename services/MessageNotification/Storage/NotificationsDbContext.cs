using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>The database of notifications and preferences. One model; a class per provider below it, since each has migrations of its own.</summary>
internal abstract class NotificationsDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>What users see in the app.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>What users want to be notified of, and when.</summary>
    public DbSet<NotificationPreferences> Preferences => Set<NotificationPreferences>();

    /// <summary>When providers with a rate may be asked next.</summary>
    public DbSet<ProviderTurn> ProviderTurns => Set<ProviderTurn>();

    /// <summary>How notifications went, by channel.</summary>
    internal DbSet<NotificationDelivery> Deliveries => Set<NotificationDelivery>();

    /// <summary>The addresses that nothing is sent to.</summary>
    internal DbSet<Suppression> Suppressions => Set<Suppression>();

    /// <summary>The devices that users are signed in on.</summary>
    internal DbSet<Device> Devices => Set<Device>();

    /// <summary>Users' own addresses.</summary>
    internal DbSet<Contact> Contacts => Set<Contact>();

    /// <summary>The times in which mails to one user are gathered.</summary>
    internal DbSet<Digest> Digests => Set<Digest>();

    /// <summary>What is gathered.</summary>
    internal DbSet<DigestEntry> DigestEntries => Set<DigestEntry>();

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
            notification.Property(n => n.Category).HasConversion<int?>();
            notification.HasMany(n => n.Deliveries).WithOne().HasForeignKey(d => d.NotificationId).OnDelete(DeleteBehavior.Cascade);

            // Newest first, with the id to tell notifications of one millisecond apart: the order of every page.
            notification.HasIndex(n => new { n.UserId, n.CreatedAt, n.Id }).IsDescending(false, true, true).HasDatabaseName("ix_notifications_user");
            notification.HasIndex(n => new { n.UserId, n.CreatedAt, n.Id }, "unread").IsDescending(false, true, true)
                .HasFilter("read_at IS NULL").HasDatabaseName("ix_notifications_unread");
            notification.HasIndex(n => n.MessageId).HasFilter("message_id IS NOT NULL").HasDatabaseName("ix_notifications_message");
            notification.HasIndex(n => n.CreatedAt).HasDatabaseName("ix_notifications_age");
        });
        modelBuilder.Entity<NotificationPreferences>(preferences =>
        {
            preferences.ToTable("notification_preferences");
            preferences.HasKey(p => p.UserId);
            preferences.Property(p => p.UserId).ValueGeneratedNever();
            preferences.Property(p => p.OptedOut).HasConversion<int>();
            preferences.Property(p => p.TimeZone).HasMaxLength(100);
            preferences.Property(p => p.Categories).HasMaxLength(500);
            preferences.Ignore(p => p.QuietHours);
        });

        modelBuilder.Entity<ProviderTurn>(turn =>
        {
            turn.ToTable("provider_turns");
            turn.HasKey(t => t.Provider);
            turn.Property(t => t.Provider).HasMaxLength(50);
        });

        ModelDeliveries(modelBuilder);
        ModelPeople(modelBuilder);
        modelBuilder.UseSnakeCaseColumns();
    }

    private static void ModelDeliveries(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<NotificationDelivery>(delivery =>
        {
            delivery.ToTable("notification_deliveries");
            delivery.HasKey(d => new { d.NotificationId, d.Channel });
            delivery.Property(d => d.Channel).HasConversion<int>();
            delivery.Property(d => d.JobId).HasMaxLength(200);
            delivery.Property(d => d.State).HasConversion<string>().HasMaxLength(20);
            delivery.Property(d => d.Reason).HasMaxLength(100);
            delivery.Property(d => d.Provider).HasMaxLength(300);
            delivery.Property(d => d.ProviderId).HasMaxLength(300);
            delivery.Property(d => d.Address).HasMaxLength(400);
            delivery.HasIndex(d => d.ProviderId).HasFilter("provider_id IS NOT NULL").HasDatabaseName("ix_notification_deliveries_provider");
            delivery.HasIndex(d => d.DigestId).HasFilter("digest_id IS NOT NULL").HasDatabaseName("ix_notification_deliveries_digest");
        });
        modelBuilder.Entity<Suppression>(suppression =>
        {
            suppression.ToTable("suppressions");
            suppression.HasKey(s => s.Id);
            suppression.Property(s => s.Id).ValueGeneratedNever();
            suppression.Property(s => s.Channel).HasConversion<int>();
            suppression.Property(s => s.Address).HasMaxLength(400);
            suppression.Property(s => s.Reason).HasConversion<string>().HasMaxLength(20);
            suppression.Property(s => s.Detail).HasMaxLength(200);
            suppression.HasIndex(s => new { s.Channel, s.Address }).IsUnique().HasDatabaseName("ix_suppressions_address");
            suppression.HasIndex(s => new { s.CreatedAt, s.Id }).IsDescending(true, true).HasDatabaseName("ix_suppressions_age");
        });
    }

    private static void ModelPeople(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Device>(device =>
        {
            device.ToTable("devices");
            device.HasKey(d => d.Token);
            device.Property(d => d.Token).HasMaxLength(1_024);
            device.Property(d => d.Platform).HasMaxLength(20);
            device.HasIndex(d => d.UserId).HasDatabaseName("ix_devices_user");
        });
        modelBuilder.Entity<Contact>(contact =>
        {
            contact.ToTable("contacts");
            contact.HasKey(c => new { c.UserId, c.Channel });
            contact.Property(c => c.Channel).HasConversion<int>();
            contact.Property(c => c.Address).HasMaxLength(400);
        });
        modelBuilder.Entity<Digest>(digest =>
        {
            digest.ToTable("digests");
            digest.HasKey(d => new { d.UserId, d.Category });
        });
        modelBuilder.Entity<DigestEntry>(entry =>
        {
            entry.ToTable("digest_entries");
            entry.HasKey(e => e.NotificationId);
            entry.Property(e => e.NotificationId).ValueGeneratedNever();
            entry.Property(e => e.Title).HasMaxLength(200);
            entry.Property(e => e.Text).HasMaxLength(1_000);
            entry.HasIndex(e => e.DigestId).HasDatabaseName("ix_digest_entries_digest");
            entry.HasOne<Notification>().WithMany().HasForeignKey(e => e.NotificationId).OnDelete(DeleteBehavior.Cascade);
        });
    }
}
