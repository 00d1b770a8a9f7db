using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>The time after a mail in which further ones to the same user are gathered. One row a user and category; its id is that of the mail to come.</summary>
internal sealed class Digest
{
    public required Guid UserId { get; init; }

    /// <summary>The category's number; 0 for notifications without one.</summary>
    public required int Category { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset EndsAt { get; init; }
}

/// <summary>A notification that waits for the mail in which it goes with others.</summary>
internal sealed class DigestEntry
{
    public required Guid NotificationId { get; init; }

    public required Guid DigestId { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
