namespace WhiteCross.Jobs.Contracts;

/// <summary>What is said of a name that is not known where every name counts: that it is not, and which one was probably meant.</summary>
public static class UnknownNames
{
    private const int LongestShown = 64;

    /// <summary>The name as a field of an error; <c>$</c> where it looks like no name: what somebody made up may hold what must not be repeated.</summary>
    /// <param name="name">The name; null when it is no text.</param>
    public static string FieldOf(string? name) =>
        name is { Length: >= 1 and <= LongestShown } && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.') ? name : "$";

    /// <summary>Says that a name is not known.</summary>
    /// <param name="name">The name; null when it is no text.</param>
    /// <param name="known">The names that are known.</param>
    public static string Message(string? name, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var what = FieldOf(name) == "$" ? "holds a name that is not known here" : "is not known here";
        return known.Count == 0 ? $"{what}: nothing is read."
            : Nearest(name, known) is { } nearest ? $"{what}; did you mean {nearest}? Known are {string.Join(", ", known)}."
            : $"{what}; known are {string.Join(", ", known)}.";
    }

    // A part of a name was probably that name, too: ids for jobIds.
    private static string? Nearest(string? name, IReadOnlyCollection<string> known) => name is not { Length: >= 2 and <= LongestShown } ? null
        : NearestName.Find(name, known) ?? known.FirstOrDefault(candidate => candidate.EndsWith(name, StringComparison.OrdinalIgnoreCase) || name.EndsWith(candidate, StringComparison.OrdinalIgnoreCase));
}
