using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A notification as it is stored for its user to see in the app. Only <see cref="ReadAt"/> ever changes.</summary>
public sealed class Notification
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>What it says.</summary>
    public required string Text { get; init; }

    /// <summary>The message it is about.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>How urgent it is.</summary>
    public required NotificationPriority Priority { get; init; }

    /// <summary>When its job was added: the order of the list.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its user read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }
}
