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

/// <summary>What is wrong with the messages of an upload, found before its batch is added.</summary>
/// <param name="Count">How many recipients' messages cannot be rendered.</param>
/// <param name="Problems">What is wrong with each; the first 100.</param>
/// <param name="Error">What is wrong with the batch itself, beginning with its field; null when nothing is.</param>
public sealed record BatchUploadProblems(int Count, IReadOnlyList<BatchUploadProblem> Problems, string? Error);

/// <summary>What is wrong with a recipient's message.</summary>
/// <param name="RecipientId">Whose message.</param>
/// <param name="Problem">What is wrong, and the way out.</param>
public sealed record BatchUploadProblem(Guid RecipientId, string Problem);
