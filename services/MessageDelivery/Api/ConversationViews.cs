namespace WhiteCross.MessageDelivery;

/// <summary>A conversation as its members see it.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Participants">Its members.</param>
/// <param name="Members">Its members, with what they may do.</param>
/// <param name="Unread">How many messages in it the user who asks has not read.</param>
/// <param name="CreatedAt">When it began.</param>
internal sealed record ConversationView(
    Guid ConversationId, string? Title, IReadOnlyList<Guid> Participants, IReadOnlyList<MemberView> Members, int Unread, DateTimeOffset CreatedAt)
{
    /// <summary>The view of a stored conversation.</summary>
    /// <param name="details">The conversation.</param>
    public static ConversationView Of(ConversationDetails details)
    {
        ArgumentNullException.ThrowIfNull(details);
        var conversation = details.Conversation;
        return new ConversationView(
            conversation.Id,
            conversation.Title,
            [.. details.Members.Select(member => member.UserId)],
            [.. details.Members.Select(member => new MemberView(member.UserId, member.Role == MemberRole.Owner ? "owner" : "member", member.JoinedAt))],
            details.Unread,
            conversation.CreatedAt);
    }

    /// <summary>Says which conversation, and not what it is called.</summary>
    public override string ToString() => $"Conversation {ConversationId}";
}

/// <summary>A member of a conversation.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Role">owner or member.</param>
/// <param name="JoinedAt">Since when.</param>
internal sealed record MemberView(Guid UserId, string Role, DateTimeOffset JoinedAt);

/// <summary>A page of conversations, newest first.</summary>
/// <param name="Conversations">The conversations.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
internal sealed record ConversationPage(IReadOnlyList<ConversationView> Conversations, string? NextCursor);

/// <summary>A conversation to make.</summary>
/// <param name="ConversationId">Its id: the same once more makes no second one. Left out: a new one.</param>
/// <param name="MemberIds">Its members, beside the user who makes it. Required.</param>
/// <param name="Title">What it is called, at most 200 characters.</param>
internal sealed record NewConversation(Guid? ConversationId, IReadOnlyList<Guid>? MemberIds, string? Title)
{
    /// <summary>Says which conversation, and not what it is called.</summary>
    public override string ToString() => $"New conversation {ConversationId}";
}

/// <summary>A member to add.</summary>
/// <param name="UserId">The user. Required.</param>
internal sealed record NewMember(Guid UserId);
