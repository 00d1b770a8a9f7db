using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database. One model; a class per provider below it, since each has migrations of its own.</summary>
public abstract class MessagesDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The messages.</summary>
    public DbSet<Message> Messages => Set<Message>();

    /// <summary>The conversations.</summary>
    public DbSet<Conversation> Conversations => Set<Conversation>();

    /// <summary>The attachments.</summary>
    public DbSet<Attachment> Attachments => Set<Attachment>();

    /// <summary>Which messages name which attachments.</summary>
    public DbSet<MessageAttachment> MessageAttachments => Set<MessageAttachment>();

    /// <summary>The messages that may be shown: those whose conversation is not deleted.</summary>
    public IQueryable<Message> ShownMessages =>
        Messages.Where(message => !Conversations.Any(conversation => conversation.Id == message.ConversationId && conversation.DeletedAt != null));

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

            // Oldest first: the order in which the clean-up goes.
            message.HasIndex(m => new { m.CreatedAt, m.Id }).HasDatabaseName("ix_messages_age");
        });
        modelBuilder.Entity<Conversation>(conversation =>
        {
            conversation.ToTable("conversations");
            conversation.HasKey(c => c.Id);
            conversation.Property(c => c.Id).ValueGeneratedNever();
            conversation.HasIndex(c => new { c.ParticipantA, c.CreatedAt, c.Id }).IsDescending(false, true, true).HasDatabaseName("ix_conversations_a");
            conversation.HasIndex(c => new { c.ParticipantB, c.CreatedAt, c.Id }).IsDescending(false, true, true).HasDatabaseName("ix_conversations_b");
            conversation.HasIndex(c => new { c.DeletedAt, c.Id }).HasFilter("deleted_at IS NOT NULL").HasDatabaseName("ix_conversations_deleted");
        });
        modelBuilder.Entity<Attachment>(attachment =>
        {
            attachment.ToTable("attachments");
            attachment.HasKey(a => a.Id);
            attachment.Property(a => a.Id).ValueGeneratedNever();
            attachment.Property(a => a.FileName).HasMaxLength(255);
            attachment.Property(a => a.ContentType).HasMaxLength(255);
            attachment.HasIndex(a => new { a.CreatedAt, a.Id }).HasDatabaseName("ix_attachments_age");
        });
        modelBuilder.Entity<MessageAttachment>(link =>
        {
            link.ToTable("message_attachments");
            link.HasKey(l => new { l.AttachmentId, l.MessageId });
            link.HasOne<Attachment>().WithMany().HasForeignKey(l => l.AttachmentId).OnDelete(DeleteBehavior.Cascade);
            link.HasOne<Message>().WithMany().HasForeignKey(l => l.MessageId).OnDelete(DeleteBehavior.Cascade);
            link.HasIndex(l => l.MessageId).HasDatabaseName("ix_message_attachments_message");
        });

        modelBuilder.UseSnakeCaseColumns();
    }
}
