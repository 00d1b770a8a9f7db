using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace WhiteCross.Sidecar.Resources;

/// <summary>
/// Times as Go writes them, which Dapr's resources use: a sequence of decimal numbers with a unit (<c>h</c>, <c>m</c>, <c>s</c>, <c>ms</c>,
/// <c>us</c>, <c>ns</c>), such as <c>1h2m3s</c>, <c>1.5s</c>, <c>500ms</c>, <c>-2s</c>. Parts below 100 ns are cut off.
/// </summary>
public static class GoDuration
{
    private const decimal MaxTicks = long.MaxValue;
    private static readonly SearchValues<char> DigitsAndPoint = SearchValues.Create("0123456789.");

    /// <summary>Reads a Go duration; <c>0</c> is the only number that needs no unit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">What it means; zero when it is none.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        var ticks = 0m;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept(DigitsAndPoint);
            if (length <= 0
                || !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[length..];
            var unitLength = rest.IndexOfAny(DigitsAndPoint);
            var unit = unitLength < 0 ? rest : rest[..unitLength];
            rest = rest[unit.Length..];
            decimal? ticksOfUnit = unit switch
            {
                "ns" => 0.01m,
                "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                _ => null,
            };
            // Compared before it is multiplied, since a decimal overflows with an exception.
            if (ticksOfUnit is null || number > MaxTicks / ticksOfUnit || (ticks += number * ticksOfUnit.Value) > MaxTicks)
            {
                return false;
            }
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Reads a Go duration, or an integer, which is a number of milliseconds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">What it means; zero when it is neither.</param>
    /// <returns>Whether it is either.</returns>
    public static bool TryParseOrMilliseconds([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        if (TryParseMilliseconds(text, out duration))
        {
            return true;
        }

        return TryParse(text, out duration);
    }

    /// <summary>Reads an integer as a number of milliseconds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">What it means; zero when it is no integer, or one beyond <see cref="TimeSpan"/>.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseMilliseconds([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || Math.Abs((decimal)milliseconds) > MaxTicks / TimeSpan.TicksPerMillisecond)
        {
            return false;
        }

        duration = TimeSpan.FromTicks(milliseconds * TimeSpan.TicksPerMillisecond);
        return true;
    }

    /// <summary>Writes a time as Go does: <c>1h2m3s</c>, <c>1.5s</c>, <c>500ms</c>, <c>0s</c>.</summary>
    /// <param name="duration">The time.</param>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : string.Empty);
        // As decimal, since the least TimeSpan has no positive counterpart.
        var ticks = Math.Abs((decimal)duration.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            return ticks switch
            {
                < TimeSpan.TicksPerMicrosecond => Append(ticks * 100, "ns"),
                < TimeSpan.TicksPerMillisecond => Append(ticks / TimeSpan.TicksPerMicrosecond, "µs"),
                _ => Append(ticks / TimeSpan.TicksPerMillisecond, "ms"),
            };
        }

        var hours = decimal.Floor(ticks / TimeSpan.TicksPerHour);
        ticks -= hours * TimeSpan.TicksPerHour;
        var minutes = decimal.Floor(ticks / TimeSpan.TicksPerMinute);
        ticks -= minutes * TimeSpan.TicksPerMinute;
        if (hours > 0)
        {
            Append(hours, "h");
        }

        if (hours > 0 || minutes > 0)
        {
            Append(minutes, "m");
        }

        return Append(ticks / TimeSpan.TicksPerSecond, "s");

        string Append(decimal number, string unit) =>
            text.Append(number.ToString("0.#########", CultureInfo.InvariantCulture)).Append(unit).ToString();
    }
}
