using System.Globalization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Looks at <c>\u</c> escapes. JSON may spell half a character with one, and .NET notices only when somebody reads or writes that very text: a job on
/// record could then be neither shown nor published.
/// </summary>
internal static class JsonEscapes
{
    /// <summary>Where an escape stands that is half a character; −1 where there is none.</summary>
    /// <param name="json">UTF-8 JSON; a backslash outside of texts is another's to refuse.</param>
    public static int IndexOfLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (json[at..].IndexOf((byte)'\\') is >= 0 and var next)
        {
            at += next;
            if (!TryReadUnit(json[at..], out var unit))
            {
                // A short escape; the character behind the backslash may be one itself.
                at = Math.Min(at + 2, json.Length);
            }
            else if (!char.IsSurrogate(unit))
            {
                at += 6;
            }
            else if (char.IsHighSurrogate(unit) && TryReadUnit(json[(at + 6)..], out var low) && char.IsLowSurrogate(low))
            {
                at += 12;
            }
            else
            {
                return at;
            }
        }

        return -1;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> json, out char unit)
    {
        unit = default;
        if (json.Length < 6 || json[0] != '\\' || json[1] != 'u' || !ushort.TryParse(json[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
