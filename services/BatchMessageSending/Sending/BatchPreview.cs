namespace WhiteCross.BatchMessageSending;

/// <summary>What a batch would send.</summary>
/// <param name="RecipientCount">How many recipients it has.</param>
/// <param name="ProblemCount">With how many of their messages something is wrong: then the batch would be refused.</param>
/// <param name="Problems">What is wrong; the first 100.</param>
/// <param name="Messages">The first messages.</param>
internal sealed record BatchPreview(int RecipientCount, int ProblemCount, IReadOnlyList<PreviewProblem> Problems, IReadOnlyList<PreviewMessage> Messages);

/// <summary>What is wrong with a message.</summary>
/// <param name="RecipientId">Whose message.</param>
/// <param name="Problem">What is wrong, and the way out.</param>
internal sealed record PreviewProblem(Guid RecipientId, string Problem);

/// <summary>A message as it would be sent.</summary>
/// <param name="RecipientId">Whose message.</param>
/// <param name="Content">What it would say.</param>
internal sealed record PreviewMessage(Guid RecipientId, string Content)
{
    /// <summary>Says whose message, and nothing of what it says.</summary>
    public override string ToString() => $"Message to {RecipientId}";
}
