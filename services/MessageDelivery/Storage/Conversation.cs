namespace WhiteCross.MessageDelivery;

/// <summary>
/// A conversation between two users: those of its first message. It comes into being with that message, or by being ensured before it. A message to a
/// deleted conversation revives it as it was, so that nothing that is sent ends where nobody looks.
/// </summary>
public sealed class Conversation
{
    /// <summary>The id that messages name.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of the two; the one whose id sorts first.</summary>
    public required Guid ParticipantA { get; init; }

    /// <summary>The other; the same user in a conversation with oneself.</summary>
    public required Guid ParticipantB { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a participant deleted it: from then on nobody is shown it or its messages. Null when it is not deleted.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>A conversation of two users, in whichever order they are named.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="one">One of them.</param>
    /// <param name="other">The other.</param>
    /// <param name="createdAt">When it began.</param>
    public static Conversation Between(Guid id, Guid one, Guid other, DateTimeOffset createdAt)
    {
        var (a, b) = one.CompareTo(other) <= 0 ? (one, other) : (other, one);
        return new Conversation { Id = id, ParticipantA = a, ParticipantB = b, CreatedAt = createdAt };
    }
}
