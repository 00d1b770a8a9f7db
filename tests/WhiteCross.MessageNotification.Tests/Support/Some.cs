using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>Examples to start from.</summary>
public static class Some
{
    public const string Address = "ada.patient@example.org";

    /// <summary>Who is notified, unless a test says somebody else.</summary>
    public static readonly Guid Recipient = new("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b");

    public const string Phone = "+14155552671";

    public static SendNotificationJob Email() => new()
    {
        RecipientId = Recipient,
        Type = NotificationType.Email,
        Title = "Your appointment",
        Message = "Tomorrow at 9 <sharp>.",
        RecipientEmail = Address,
    };

    public static SendNotificationJob Sms() => Email() with { Type = NotificationType.Sms, RecipientEmail = null, RecipientPhone = Phone };

    public static SendNotificationJob Push(params string[] tokens) =>
        Email() with { Type = NotificationType.Push, RecipientEmail = null, DeviceTokens = tokens };

    public static SendNotificationJob InApp() => Email() with { Type = NotificationType.InApp, RecipientEmail = null };
}
