namespace WhiteCross.Jobs.Contracts;

/// <summary>The names of the job types on the wire.</summary>
public static class JobTypes
{
    /// <summary>Stores a message and pushes it to its recipient: <see cref="SendMessageJob"/>.</summary>
    public const string SendMessage = "send-message";

    /// <summary>Moves a message's status: <see cref="DeliveryConfirmationJob"/>.</summary>
    public const string DeliveryConfirmation = "delivery-confirmation";

    /// <summary>Notifies a person: <see cref="SendNotificationJob"/>.</summary>
    public const string SendNotification = "send-notification";

    /// <summary>Keeps the index: <see cref="IndexMessageJob"/>.</summary>
    public const string IndexMessage = "index-message";

    /// <summary>Encrypts or decrypts a content: <see cref="EncryptDecryptJob"/>.</summary>
    public const string EncryptDecrypt = "encrypt-decrypt";

    /// <summary>Sends one message to many: <see cref="BatchSendJob"/>.</summary>
    public const string BatchSend = "batch-send";

    /// <summary>Removes what is past its retention: <see cref="CleanupMessagesJob"/>.</summary>
    public const string CleanupMessages = "cleanup-messages";
}
