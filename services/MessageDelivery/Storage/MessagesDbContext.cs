using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database. One model; a class per provider below it, since each has migrations of its own.</summary>
public abstract class MessagesDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The messages.</summary>
    public DbSet<Message> Messages => Set<Message>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        modelBuilder.Entity<Message>(message =>
        {
            message.ToTable("messages");
            message.HasKey(m => m.Id);
            message.Property(m => m.Id).ValueGeneratedNever();
            message.Property(m => m.MessageType).HasMaxLength(100);
            message.Property(m => m.FailureReason).HasMaxLength(500);
            message.Property(m => m.Status).HasConversion<int>();

            // Newest first, with the id to tell messages of one millisecond apart: the order of every page.
            message.HasIndex(m => new { m.ConversationId, m.CreatedAt, m.Id }).IsDescending(false, true, true).HasDatabaseName("ix_messages_conversation");
            message.HasIndex(m => new { m.RecipientId, m.CreatedAt, m.Id }).IsDescending(false, true, true).HasDatabaseName("ix_messages_inbox");
            message.HasIndex(m => new { m.RecipientId, m.CreatedAt, m.Id }, "unread").IsDescending(false, true, true)
                .HasFilter(string.Create(CultureInfo.InvariantCulture, $"status < {(int)MessageStatus.Read}")).HasDatabaseName("ix_messages_unread");

            foreach (var property in message.Metadata.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        });
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
