namespace WhiteCross.MessageDelivery;

/// <summary>That nothing of a conversation, or of a user, may be removed: neither by a clean-up nor by an erasure, until the hold is lifted.</summary>
internal sealed class LegalHold
{
    /// <summary>The hold.</summary>
    public required Guid Id { get; init; }

    /// <summary>The conversation that it holds; null for one of a user.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The user whose messages it holds, those sent and those received; null for one of a conversation.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Why, for example the case's number.</summary>
    public required string Reason { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset PlacedAt { get; init; }
}
