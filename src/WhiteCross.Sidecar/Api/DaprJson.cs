using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace WhiteCross.Sidecar.Api;

/// <summary>How daprd reads JSON: with Go's encoding/json, which stops at 10,000 levels, where .NET would at 64, and takes text that is no Unicode.</summary>
internal static class DaprJson
{
    public const int MaxDepth = 10_000;

    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Parses a body. Half a surrogate pair and bytes that are no UTF-8 are read as U+FFFD, as Go does; .NET would throw once the text is asked for.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(byte[] json)
    {
        if (!Utf8.IsValid(json))
        {
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        }

        ReplaceLoneSurrogates(json);
        return JsonDocument.Parse(json, Options);
    }

    /// <summary>In place: both escapes are six characters long.</summary>
    private static void ReplaceLoneSurrogates(Span<byte> json)
    {
        for (var i = 0; (i = Next(json, i)) >= 0; i += 2)
        {
            if (CodeUnitAt(json, i) is not { } unit || !char.IsSurrogate(unit))
            {
                continue;
            }

            if (char.IsHighSurrogate(unit) && CodeUnitAt(json, i + 6) is { } second && char.IsLowSurrogate(second))
            {
                i += 6;
                continue;
            }

            "fffd"u8.CopyTo(json[(i + 2)..]);
        }
    }

    /// <summary>Where the next backslash is; one that is itself escaped has been passed over with the one before.</summary>
    private static int Next(ReadOnlySpan<byte> json, int from)
    {
        var at = from < json.Length ? json[from..].IndexOf((byte)'\\') : -1;
        return at < 0 ? -1 : from + at;
    }

    private static char? CodeUnitAt(ReadOnlySpan<byte> json, int at) =>
        at + 6 <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
