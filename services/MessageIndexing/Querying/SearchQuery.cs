namespace WhiteCross.MessageIndexing;

/// <summary>What a user searches for: messages that hold all that is wanted and nothing that is excluded.</summary>
/// <param name="Wanted">What must be there; at least one.</param>
/// <param name="Excluded">What must not be there.</param>
internal sealed record SearchQuery(IReadOnlyList<SearchTerm> Wanted, IReadOnlyList<SearchTerm> Excluded)
{
    /// <summary>Says how much it asks for, and not for what.</summary>
    public override string ToString() => $"Query of {Wanted.Count} terms, {Excluded.Count} excluded";
}
