using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What a provider says became of a notification.</summary>
/// <param name="Channel">How it went.</param>
/// <param name="State">What became of it.</param>
/// <param name="At">When.</param>
internal sealed record Receipt(NotificationType Channel, NotificationState State, DateTimeOffset At)
{
    /// <summary>What the provider knows it by.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The notification, where the receipt names it.</summary>
    public Guid? NotificationId { get; init; }

    /// <summary>Why, as a code, for example <c>5.1.1</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Whether nothing more is sent to its address.</summary>
    public SuppressionReason? Suppress { get; init; }

    /// <summary>Where it went, where that is known from a source that is to be believed.</summary>
    public string? Address { get; init; }

    /// <summary>Says what, and nothing of whom.</summary>
    public override string ToString() => $"{State} by {Channel}";
}

/// <summary>What came of receipts.</summary>
/// <param name="Received">How many there were.</param>
/// <param name="Moved">How many notifications they moved on.</param>
/// <param name="Unknown">How many were about nothing that is on record.</param>
internal sealed record ReceiptsTaken(int Received, int Moved, int Unknown)
{
    public static ReceiptsTaken operator +(ReceiptsTaken one, ReceiptsTaken other) =>
        new(one.Received + other.Received, one.Moved + other.Moved, one.Unknown + other.Unknown);
}
