namespace WhiteCross.MessageDelivery;

/// <summary>
/// A conversation of its members, two or many. It comes into being with its first message, which makes its sender and its recipient the members, or is made
/// before it. Only members send into it, and only they see it.
/// </summary>
internal sealed class Conversation
{
    /// <summary>The id that messages name.</summary>
    public required Guid Id { get; init; }

    /// <summary>What its members call it; null where nobody named it.</summary>
    public string? Title { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last of its members deleted it, or an owner ended it: from then on nobody is shown it or its messages. Null when it is neither.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Whether an owner ended it: then no message revives it.</summary>
    public bool IsEnded { get; init; }
}

/// <summary>A member of a conversation, or one that was.</summary>
internal sealed class ConversationMember
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What the member may do.</summary>
    public MemberRole Role { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>When the conversation began: the order in which a member's conversations are listed.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the member left or was removed; null for a member.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>When the member deleted the conversation for themselves; the next message in it takes this back.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>What lies up to here in the member's inbox, the member has deleted.</summary>
    public long ClearedPosition { get; init; }
}

/// <summary>What a member may do.</summary>
internal enum MemberRole
{
    /// <summary>Sends, reads, leaves, deletes for themselves.</summary>
    Member = 0,

    /// <summary>Adds and removes members too, and ends the conversation.</summary>
    Owner = 1,
}
