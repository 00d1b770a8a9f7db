namespace WhiteCross.MessageIndexing;

/// <summary>One thing that a query asks for: words that follow each other.</summary>
/// <param name="Words">The words, folded; at least one.</param>
/// <param name="IsPrefix">The last word may go on; then all are taken as they are written. Otherwise they are compared by their stems.</param>
internal sealed record SearchTerm(IReadOnlyList<string> Words, bool IsPrefix)
{
    /// <summary>The words' stems.</summary>
    public IReadOnlyList<string> Stems { get; } = [.. Words.Select(Stemmer.Stem)];

    /// <summary>Says how much it asks for, and not for what: it is the words of a patient.</summary>
    public override string ToString() => $"Term of {Words.Count} words";
}
