using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// What a job id may be: 1–128 printable characters without spaces. A job is addressed by its id in a URL, so the id is none that clients, proxies and
/// servers take for a way through folders: <c>.</c>, <c>..</c>, and what has such a part between slashes. What is accepted can be fetched.
/// </summary>
public static class JobIds
{
    /// <summary>Says what a job id must be, for error messages.</summary>
    public const string Rule = "must be 1 to 128 printable characters without spaces, and no part of it between slashes may be '.' or '..'";

    /// <summary>Whether this can be a job's id.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: >= 1 and <= JobLimits.JobIdLength })
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAscii(character) ? !IsPrintable(character) : character is <= ' ' or '\x7f')
            {
                return false;
            }
        }

        return !HasPathPart(text);
    }

    private static bool HasPathPart(ReadOnlySpan<char> text)
    {
        foreach (var part in text.SplitAny('/', '\\'))
        {
            if (text[part] is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    // Surrogates, and with them all characters beyond the basic plane, are left out: an id must survive URLs, logs and consoles.
    private static bool IsPrintable(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
