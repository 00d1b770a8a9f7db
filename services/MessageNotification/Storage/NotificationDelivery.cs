using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A notification's way by one channel: one job sends it, and this says what became of it, also long after the job.</summary>
internal sealed class NotificationDelivery
{
    /// <summary>The notification.</summary>
    public required Guid NotificationId { get; init; }

    /// <summary>How it goes.</summary>
    public required NotificationType Channel { get; init; }

    /// <summary>The job that sends it. A second job of the same notification and channel sends nothing.</summary>
    public required string JobId { get; init; }

    /// <summary>How far it is.</summary>
    public required NotificationState State { get; init; }

    /// <summary>Why, in a word, where that needs one.</summary>
    public string? Reason { get; init; }

    /// <summary>Which provider has sent it.</summary>
    public string? Provider { get; init; }

    /// <summary>What the provider knows it by, an e-mail's Message-ID or an SMS' SID: receipts name it.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Where it went; the address that is suppressed when it bounces.</summary>
    public string? Address { get; init; }

    /// <summary>The mail that it goes in together with others; null for one of its own.</summary>
    public Guid? DigestId { get; init; }

    /// <summary>When the state was reached.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}
