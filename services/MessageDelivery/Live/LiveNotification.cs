namespace WhiteCross.MessageDelivery;

/// <summary>A notification on its way to its user's connections: the hub's <c>notification</c>.</summary>
/// <param name="NotificationId">Its id.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Message">What it says.</param>
/// <param name="MessageId">The message it is about.</param>
/// <param name="Priority">How urgent it is: low, normal, high or urgent.</param>
/// <param name="CreatedAt">Since when it is there.</param>
internal sealed record LiveNotification(Guid NotificationId, string? Title, string? Message, Guid? MessageId, string? Priority, DateTimeOffset CreatedAt)
{
    /// <summary>Says which notification, and nothing of what it says.</summary>
    public override string ToString() => $"Notification {NotificationId}";
}

/// <summary>To how many connections something was pushed.</summary>
/// <param name="Connections">How many; 0 when the user is away.</param>
internal sealed record PushedTo(int Connections);
