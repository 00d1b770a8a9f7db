using System.Globalization;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>Status codes as Resiliency writes them: <c>429,500-599</c>.</summary>
public sealed class StatusCodeRanges
{
    private readonly (int From, int To)[] _ranges;

    private StatusCodeRanges((int From, int To)[] ranges) => _ranges = ranges;

    /// <summary>Reads a comma list of codes and ranges.</summary>
    /// <param name="text">The list.</param>
    /// <param name="least">The least code: 100 for HTTP, 0 for gRPC.</param>
    /// <param name="most">The greatest: 599 for HTTP, 16 for gRPC.</param>
    /// <exception cref="FormatException">It is no such list; says which part, and what is allowed.</exception>
    public static StatusCodeRanges Parse(string text, int least, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new StatusCodeRanges([.. text.Split(',', StringSplitOptions.TrimEntries).Select(Range)]);

        (int From, int To) Range(string part)
        {
            var range = part.Split('-', StringSplitOptions.TrimEntries) switch
            {
                [var one] when Code(one) is { } code => (code, code),
                [var first, var last] when Code(first) is { } from && Code(last) is { } to && from <= to => (from, to),
                _ => ((int From, int To)?)null,
            };
            return range ?? throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"has '{part}'; it must be a list of codes and ranges between {least} and {most}, such as {(most > 100 ? "429,500-599" : "4,8-14")}"));
        }

        int? Code(string part) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code >= least && code <= most ? code : null;
    }

    /// <summary>The ranges of single codes.</summary>
    /// <param name="codes">The codes.</param>
    public static StatusCodeRanges Of(params ReadOnlySpan<int> codes)
    {
        var ranges = new (int From, int To)[codes.Length];
        for (var index = 0; index < codes.Length; index++)
        {
            ranges[index] = (codes[index], codes[index]);
        }

        return new StatusCodeRanges(ranges);
    }

    /// <summary>Whether a code is among them.</summary>
    /// <param name="code">The code.</param>
    public bool Contains(int code) => Array.Exists(_ranges, range => code >= range.From && code <= range.To);
}
