using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A user's own address for a channel, and whether the user wants to be written to there.</summary>
internal sealed class Contact
{
    public required Guid UserId { get; init; }

    /// <summary>E-mail or SMS.</summary>
    public required NotificationType Channel { get; init; }

    public required string Address { get; init; }

    /// <summary>The user's own yes or no.</summary>
    public required bool Consent { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
