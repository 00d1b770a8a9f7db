namespace WhiteCross.MessageDelivery;

/// <summary>What a message says, in the clear.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Content">What it says.</param>
internal sealed record MessageContent(Guid MessageId, string Content)
{
    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Content of message {MessageId}";
}
