using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Examples to start from.</summary>
public static class Some
{
    public static SendMessageJob Message() => new()
    {
        MessageId = Guid.NewGuid(),
        SenderId = Guid.NewGuid(),
        RecipientId = Guid.NewGuid(),
        ConversationId = Guid.NewGuid(),
        Content = "Your results are back, and they are fine.",
    };

    public static DeliveryConfirmationJob Confirmation(SendMessageJob message, MessageStatus status) =>
        new() { MessageId = message.MessageId, RecipientId = message.RecipientId, Status = status };
}
