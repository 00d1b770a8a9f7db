using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A notification, by however many channels it goes. What it says is kept only where its user is to see it in the app.</summary>
internal sealed class Notification
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Whether it is in the app, for its user to see; else it went by other channels only, and is known for its state.</summary>
    public bool InApp { get; init; }

    /// <summary>What it is about; empty where it is not in the app.</summary>
    public string Title { get; init; } = string.Empty;

    /// <summary>What it says; empty where it is not in the app.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>The message it is about.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>How urgent it is.</summary>
    public required NotificationPriority Priority { get; init; }

    /// <summary>What kind of notification it is.</summary>
    public NotificationCategory? Category { get; init; }

    /// <summary>When its first job was added: the order of the list.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its user read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>How it went, by channel.</summary>
    internal List<NotificationDelivery> Deliveries { get; init; } = [];
}
