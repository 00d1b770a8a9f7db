using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database. One model; a class per provider below it, since each has migrations of its own.</summary>
internal abstract class MessagesDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The messages.</summary>
    public DbSet<Message> Messages => Set<Message>();

    /// <summary>Whose the messages are, and how far they came with each.</summary>
    public DbSet<MessageCopy> MessageCopies => Set<MessageCopy>();

    /// <summary>The users' inboxes.</summary>
    public DbSet<Inbox> Inboxes => Set<Inbox>();

    /// <summary>The conversations.</summary>
    public DbSet<Conversation> Conversations => Set<Conversation>();

    /// <summary>Who is in which conversation, or was.</summary>
    public DbSet<ConversationMember> ConversationMembers => Set<ConversationMember>();

    /// <summary>What may not be removed.</summary>
    public DbSet<LegalHold> LegalHolds => Set<LegalHold>();

    /// <summary>The attachments.</summary>
    public DbSet<Attachment> Attachments => Set<Attachment>();

    /// <summary>Which messages name which attachments.</summary>
    public DbSet<MessageAttachment> MessageAttachments => Set<MessageAttachment>();

    /// <summary>The messages that may be shown to anybody: those whose conversation is not deleted.</summary>
    public IQueryable<Message> ShownMessages =>
        Messages.Where(message => !Conversations.Any(conversation => conversation.Id == message.ConversationId && conversation.DeletedAt != null));

    /// <summary>
    /// The copies that may be shown to their user now: of conversations that the user is a member of and that are not deleted, behind what the user has
    /// deleted. What was never sent to the user, or failed, is its sender's business only.
    /// </summary>
    /// <param name="user">The user.</param>
    public IQueryable<MessageCopy> CopiesShownTo(Guid user) => MessageCopies.AsNoTracking().Where(copy => copy.UserId == user
        && (copy.IsOwn || (copy.Status >= MessageStatus.Sent && copy.Status <= MessageStatus.Read))
        && ConversationMembers.Any(member => member.ConversationId == copy.ConversationId && member.UserId == user
            && member.LeftAt == null && member.ClearedPosition < copy.Position)
        && !Conversations.Any(conversation => conversation.Id == copy.ConversationId && conversation.DeletedAt != null));

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
            message.Ignore(m => m.Status).Ignore(m => m.SentAt).Ignore(m => m.DeliveredAt).Ignore(m => m.ReadAt).Ignore(m => m.FailureReason);

            // Newest first, with the id to tell messages of one millisecond apart: the order of every page.
            message.HasIndex(m => new { m.ConversationId, m.ReceivedAt, m.Id }).IsDescending(false, true, true).HasDatabaseName("ix_messages_in_conversation");

            // Oldest first: the order in which the clean-up goes.
            message.HasIndex(m => new { m.ReceivedAt, m.Id }).HasDatabaseName("ix_messages_received");

            // For the erasure and the export of one person.
            message.HasIndex(m => new { m.SenderId, m.Id }).HasDatabaseName("ix_messages_sender");
        });
        modelBuilder.Entity<MessageCopy>(copy =>
        {
            copy.ToTable("message_copies");
            copy.HasKey(c => new { c.MessageId, c.UserId });
            copy.HasOne<Message>().WithMany().HasForeignKey(c => c.MessageId).OnDelete(DeleteBehavior.Cascade);
            copy.Property(c => c.Status).HasConversion<int>();
            copy.Property(c => c.FailureReason).HasMaxLength(500);
            copy.Property(c => c.NotifyEmail).HasMaxLength(320);
            copy.Property(c => c.Notice).HasConversion<int>();
            copy.HasIndex(c => new { c.UserId, c.Position }).IsUnique().HasDatabaseName("ix_message_copies_position");
            copy.HasIndex(c => new { c.UserId, c.ReceivedAt, c.MessageId }).IsDescending(false, true, true).HasDatabaseName("ix_message_copies_inbox");
            copy.HasIndex(c => new { c.UserId, c.ReceivedAt, c.MessageId }, "unread").IsDescending(false, true, true)
                .HasFilter(string.Create(CultureInfo.InvariantCulture, $"status < {(int)MessageStatus.Read}")).HasDatabaseName("ix_message_copies_unread");
            copy.HasIndex(c => new { c.NotifyAt, c.MessageId }).HasFilter("notify_at IS NOT NULL").HasDatabaseName("ix_message_copies_notify");
            copy.HasIndex(c => new { c.UserId, c.MessageId }).HasFilter("notice IS NOT NULL").HasDatabaseName("ix_message_copies_notice");
        });
        modelBuilder.Entity<Inbox>(inbox =>
        {
            inbox.ToTable("inboxes");
            inbox.HasKey(i => i.UserId);
            inbox.Property(i => i.UserId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Conversation>(conversation =>
        {
            conversation.ToTable("conversations");
            conversation.HasKey(c => c.Id);
            conversation.Property(c => c.Id).ValueGeneratedNever();
            conversation.Property(c => c.Title).HasMaxLength(200);
            conversation.HasIndex(c => new { c.DeletedAt, c.Id }).HasFilter("deleted_at IS NOT NULL").HasDatabaseName("ix_conversations_deleted");
        });
        modelBuilder.Entity<ConversationMember>(member =>
        {
            member.ToTable("conversation_members");
            member.HasKey(m => new { m.ConversationId, m.UserId });
            member.HasOne<Conversation>().WithMany().HasForeignKey(m => m.ConversationId).OnDelete(DeleteBehavior.Cascade);
            member.Property(m => m.Role).HasConversion<int>();
            member.HasIndex(m => new { m.UserId, m.CreatedAt, m.ConversationId }).IsDescending(false, true, true).HasDatabaseName("ix_conversation_members_user");
        });
        modelBuilder.Entity<LegalHold>(hold =>
        {
            hold.ToTable("legal_holds");
            hold.HasKey(h => h.Id);
            hold.Property(h => h.Id).ValueGeneratedNever();
            hold.Property(h => h.Reason).HasMaxLength(500);
            hold.HasIndex(h => h.ConversationId).IsUnique().HasFilter("conversation_id IS NOT NULL").HasDatabaseName("ix_legal_holds_conversation");
            hold.HasIndex(h => h.UserId).IsUnique().HasFilter("user_id IS NOT NULL").HasDatabaseName("ix_legal_holds_user");
        });
        modelBuilder.Entity<Attachment>(attachment =>
        {
            attachment.ToTable("attachments");
            attachment.HasKey(a => a.Id);
            attachment.Property(a => a.Id).ValueGeneratedNever();
            attachment.Property(a => a.FileName).HasMaxLength(255);
            attachment.Property(a => a.ContentType).HasMaxLength(255);
            attachment.Property(a => a.SealedKey).HasMaxLength(200);
            attachment.HasIndex(a => new { a.CreatedAt, a.Id }).HasDatabaseName("ix_attachments_age");
            attachment.HasIndex(a => a.UploaderId).HasDatabaseName("ix_attachments_uploader");
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
