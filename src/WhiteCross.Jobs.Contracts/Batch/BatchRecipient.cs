using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>A recipient of a batch with what it gets instead: a line of an upload, and what is kept of it until the batch has been sent.</summary>
public sealed record BatchRecipient
{
    /// <summary>The recipient. Required.</summary>
    public Guid RecipientId { get; init; }

    /// <summary>The content instead of the batch's: 1–10,000 characters.</summary>
    public string? Content { get; init; }

    /// <summary>The conversation. Default: the one of sender and recipient.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The recipient's e-mail address, for the notification of a message that nobody acknowledges.</summary>
    public string? RecipientEmail { get; init; }

    /// <summary>Variables besides, or instead of, the batch's.</summary>
    public Dictionary<string, JsonElement>? Variables { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(BatchRecipient)} {{ {nameof(RecipientId)} = {RecipientId} }}";
}

/// <summary>Ends an upload of recipients: how many there are, and in which blocks.</summary>
/// <param name="Blocks">The recipients in each block, in their order; a block has at most 1,000.</param>
public sealed record BatchUpload(IReadOnlyList<int> Blocks);
