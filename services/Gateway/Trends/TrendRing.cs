namespace WhiteCross.Gateway;

/// <summary>
/// So many buckets of one length, of which a new one takes the place of the oldest: what is kept of a queue takes the same space after a week and after a year.
/// </summary>
/// <param name="Name">Its name, part of a key.</param>
/// <param name="Seconds">How long a bucket is.</param>
/// <param name="Count">How many there are.</param>
internal sealed record TrendRing(string Name, int Seconds, int Count)
{
    /// <summary>Minutes, for the last six hours.</summary>
    public static TrendRing Minutes { get; } = new("minutes", 60, 6 * 60);

    /// <summary>Ten minutes each, for the last week.</summary>
    public static TrendRing Week { get; } = new("week", 600, 7 * 24 * 6);

    /// <summary>When the bucket begins that a time is in, in seconds from the Unix epoch.</summary>
    public long StartOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / Seconds * Seconds;

    /// <summary>The place of the bucket that begins then.</summary>
    public long PlaceOf(long start) => start / Seconds % Count;
}
