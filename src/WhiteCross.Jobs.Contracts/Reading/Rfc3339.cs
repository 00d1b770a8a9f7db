using System.Globalization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Times as text: RFC 3339, with an offset. Without one, a time would mean whatever zone the server that reads it happens to be in; and some of these
/// times say what may be deleted.
/// </summary>
public static class Rfc3339
{
    /// <summary>Says what a time must be, for error messages.</summary>
    public const string Rule = "must be a time in RFC 3339 with its offset, such as 2026-01-31T08:00:00Z or 2026-01-31T09:00:00+01:00";

    // Up to the seconds, before a fraction and the offset.
    private const int WholeSeconds = 19;
    private const int MostFractionDigits = 7;
    private const int OffsetLength = 6;

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>Reads a time. Digits behind the ten-millionth of a second are cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="time">The time.</param>
    /// <returns>False when it is no such time, or has no offset.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        var isUtc = text is [.., 'Z' or 'z'];
        var offset = isUtc ? 1 : OffsetLength;
        if (text.Length < WholeSeconds + offset || text.Length > 64 || text[10] is not ('T' or 't'))
        {
            return false;
        }

        var zone = text[^offset..];
        if (!isUtc && !(zone[0] is '+' or '-' && zone[3] == ':'))
        {
            return false;
        }

        var fraction = text[WholeSeconds..^offset];
        if (fraction.Length > 0 && (fraction.Length == 1 || fraction[0] != '.' || fraction[1..].ContainsAnyExceptInRange('0', '9')))
        {
            return false;
        }

        var kept = fraction[..Math.Min(fraction.Length, MostFractionDigits + 1)];
        return DateTimeOffset.TryParseExact(
            $"{text[..10]}T{text[11..WholeSeconds]}{kept}{(isUtc ? "Z" : zone)}", Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }
}
