namespace WhiteCross.MessageDelivery;

/// <summary>What is under a legal hold is left alone by whatever removes something.</summary>
internal static class Holds
{
    /// <summary>Messages of no held conversation, and that no held user has sent or received.</summary>
    public static IQueryable<Message> ExceptHeld(this IQueryable<Message> messages, MessagesDbContext database) => messages.Where(message =>
        !database.LegalHolds.Any(hold => hold.ConversationId == message.ConversationId || hold.UserId == message.SenderId
            || (hold.UserId != null && database.MessageCopies.Any(copy => copy.MessageId == message.Id && copy.UserId == hold.UserId))));

    /// <summary>Conversations that are not held, and of which no held user is a member or was one.</summary>
    public static IQueryable<Conversation> ExceptHeld(this IQueryable<Conversation> conversations, MessagesDbContext database) => conversations.Where(conversation =>
        !database.LegalHolds.Any(hold => hold.ConversationId == conversation.Id
            || (hold.UserId != null && database.ConversationMembers.Any(member => member.ConversationId == conversation.Id && member.UserId == hold.UserId))));

    /// <summary>Attachments that no held user has uploaded, and that no held message passes on.</summary>
    public static IQueryable<Attachment> ExceptHeld(this IQueryable<Attachment> attachments, MessagesDbContext database) => attachments.Where(attachment =>
        !database.LegalHolds.Any(hold => hold.UserId == attachment.UploaderId
            || database.MessageAttachments.Any(link => link.AttachmentId == attachment.Id && database.Messages.Any(message => message.Id == link.MessageId
                && (hold.ConversationId == message.ConversationId || hold.UserId == message.SenderId
                    || (hold.UserId != null && database.MessageCopies.Any(copy => copy.MessageId == message.Id && copy.UserId == hold.UserId)))))));
}
