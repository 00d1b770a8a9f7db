using System.Globalization;

namespace WhiteCross.Cli.Output;

/// <summary>How times, spans and foreign texts are shown.</summary>
internal static class Texts
{
    /// <summary>A text without what a terminal would take for an instruction: errors and log lines come from handlers, and from what they were given.</summary>
    public static string Safe(string text) =>
        string.Create(text.Length, text, static (characters, source) =>
        {
            for (var i = 0; i < characters.Length; i++)
            {
                characters[i] = IsHarmful(source[i]) ? '\uFFFD' : source[i];
            }
        });

    /// <summary>The same, and its first line only.</summary>
    public static string Line(string text, int longest = 120)
    {
        var line = text.AsSpan().Trim();
        line = line[..(line.IndexOfAny('\r', '\n') is >= 0 and var end ? end : line.Length)];
        return Safe(line.Length <= longest ? line.ToString() : string.Concat(line[..(longest - 1)], "…"));
    }

    /// <summary>How long ago, or how long until: <c>12 s ago</c>, <c>in 5 min</c>.</summary>
    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = (now - at).Duration();
        return distance < TimeSpan.FromSeconds(1) ? "now" : at < now ? $"{Coarse(distance)} ago" : $"in {Coarse(distance)}";
    }

    /// <summary>The same; a dash for none.</summary>
    public static string Relative(DateTimeOffset? at, DateTimeOffset now) => at is { } time ? Relative(time, now) : "–";

    /// <summary>How long something took: <c>340 ms</c>, <c>2.5 s</c>, <c>3 min</c>.</summary>
    public static string Span(TimeSpan span) => span.TotalMilliseconds < 1000 ? Number(span.TotalMilliseconds, "0", "ms")
        : span.TotalSeconds < 60 ? Number(span.TotalSeconds, "0.0", "s")
        : Coarse(span);

    /// <summary>How many milliseconds something takes on average; a dash when it never ran.</summary>
    public static string Average(double milliseconds) => milliseconds > 0 ? Span(TimeSpan.FromMilliseconds(milliseconds)) : "–";

    /// <summary>The time of day here.</summary>
    public static string TimeOfDay(DateTimeOffset at, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>A number with thousands apart.</summary>
    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>So many jobs.</summary>
    public static string Jobs(long number, string kind = "") => $"{Number(number)} {kind}{(number == 1 ? "job" : "jobs")}";

    /// <summary>A share as per cent.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>A word of a contract, as it is on the wire.</summary>
#pragma warning disable CA1308 // the wire's form
    public static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static string Coarse(TimeSpan span) => span.TotalSeconds < 100 ? Number(span.TotalSeconds, "0", "s")
        : span.TotalMinutes < 100 ? Number(span.TotalMinutes, "0", "min")
        : span.TotalHours < 48 ? Number(span.TotalHours, "0", "h")
        : Number(span.TotalDays, "0", "d");

    private static string Number(double number, string format, string unit) => $"{number.ToString(format, CultureInfo.InvariantCulture)} {unit}";

    private static bool IsHarmful(char character) =>
        char.IsControl(character) ? character is not ('\n' or '\t') : char.GetUnicodeCategory(character) == UnicodeCategory.Format;
}
