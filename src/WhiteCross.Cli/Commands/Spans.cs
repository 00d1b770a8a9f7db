using System.Globalization;

namespace WhiteCross.Cli.Commands;

/// <summary>Spans of time as they are typed: a number and a unit.</summary>
internal static class Spans
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]; // ms before s: the longest ending first.

    /// <summary>Reads a span; without a unit only 0.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        var (unit, milliseconds) = Units.FirstOrDefault(candidate => text.EndsWith(candidate.Unit, StringComparison.Ordinal));
        var digits = unit is null ? text : text[..^unit.Length];
        var isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var total = number * (unit is null ? 0 : milliseconds);
        span = isNumber && total <= TimeSpan.FromDays(3650).TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : TimeSpan.Zero;
        return isNumber && total <= TimeSpan.FromDays(3650).TotalMilliseconds && (unit is not null || number == 0);
    }
}
