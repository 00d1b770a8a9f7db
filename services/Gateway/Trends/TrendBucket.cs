using System.Globalization;

namespace WhiteCross.Gateway;

/// <summary>
/// What was seen of a queue within some minutes. Of every number it has the greatest: several gateways, and one that tells the same twice, come to the same, in
/// whatever order. Nothing seen is -1.
/// </summary>
/// <param name="Start">When it begins, in seconds from the Unix epoch.</param>
internal sealed record TrendBucket(long Start)
{
    private const int NumberCount = 9;

    public long Waiting { get; init; } = -1;

    public long Active { get; init; } = -1;

    public long Delayed { get; init; } = -1;

    public long LongestWait { get; init; } = -1;

    public long Completed { get; init; } = -1;

    public long Failed { get; init; } = -1;

    public long Stalled { get; init; } = -1;

    public long P50 { get; init; } = -1;

    public long P95 { get; init; } = -1;

    private long[] Numbers => [Waiting, Active, Delayed, LongestWait, Completed, Failed, Stalled, P50, P95];

    /// <summary>Both together: the later one when they are of two times, since it has taken the place of the other.</summary>
    public TrendBucket With(TrendBucket other) =>
        other.Start > Start ? other
        : other.Start < Start ? this
        : Of(Start, [.. Numbers.Zip(other.Numbers, Math.Max)]);

    /// <summary>As it is kept: its start and its numbers, parted by spaces.</summary>
    public override string ToString() => string.Join(' ', Numbers.Prepend(Start).Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Reads what is kept; null when a newer version, or nobody, wrote it.</summary>
    public static TrendBucket? Read(string text)
    {
        var parts = text.Split(' ');
        var numbers = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers.Length > NumberCount ? Of(numbers[0], numbers[1..]) : null;
    }

    private static TrendBucket Of(long start, long[] numbers) => new(start)
    {
        Waiting = numbers[0],
        Active = numbers[1],
        Delayed = numbers[2],
        LongestWait = numbers[3],
        Completed = numbers[4],
        Failed = numbers[5],
        Stalled = numbers[6],
        P50 = numbers[7],
        P95 = numbers[8],
    };
}
