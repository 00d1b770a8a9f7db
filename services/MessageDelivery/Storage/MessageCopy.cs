using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// A member's copy of a message: that it is theirs, its place in their inbox, and how far it came with them. Its sender has one too. A message is shown to
/// nobody who has no copy of it, so who joins later does not see what was said before.
/// </summary>
internal sealed class MessageCopy
{
    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Whose copy it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The message's conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>
    /// Its place in the user's inbox: 1, 2, 3 and so on, given in the order in which messages are committed. A device that has seen everything up to a
    /// position has missed nothing before it.
    /// </summary>
    public required long Position { get; init; }

    /// <summary>When the service took the message.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Whether it is the sender's own copy, which has no way to go. A message to oneself has one copy, which does.</summary>
    public bool IsOwn { get; init; }

    /// <summary>How far the message has come with this user; see <see cref="MessageStatusRules"/>.</summary>
    public MessageStatus Status { get; init; } = MessageStatus.Pending;

    /// <summary>When it was handed over.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When a device of the user had it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the user read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why it could not be delivered.</summary>
    public string? FailureReason { get; init; }

    /// <summary>When the user is to be notified unless a device has acknowledged the message by then; null when that is settled.</summary>
    public DateTimeOffset? NotifyAt { get; init; }

    /// <summary>The address for that notification, where the publisher gave one; gone once it is settled.</summary>
    public string? NotifyEmail { get; init; }

    /// <summary>What the notification service is still to be told of it; null for nothing.</summary>
    public CopyNotice? Notice { get; init; }
}

/// <summary>What became of a message with a user, and so becomes of its notifications. The numbers are stored.</summary>
internal enum CopyNotice
{
    /// <summary>The user has read it: so its notifications are read.</summary>
    Read = 1,

    /// <summary>The user is not shown it any more: so its notifications go.</summary>
    Gone = 2,
}

/// <summary>A user's inbox: how many places have been given in it, and when the user was last there.</summary>
internal sealed class Inbox
{
    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The last position that was given; giving one locks this row until the message is committed, so that positions are seen in their order.</summary>
    public long LastPosition { get; init; }

    /// <summary>When a device of the user was last connected; null when never.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}
