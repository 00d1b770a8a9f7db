namespace WhiteCross.Storage;

/// <summary>Times as they are stored and shown: UTC, whole milliseconds, so that both databases and every cursor see the same value.</summary>
public static class Timestamps
{
    /// <summary>The time in UTC, cut to whole milliseconds.</summary>
    /// <param name="time">Any time.</param>
    public static DateTimeOffset ToStored(this DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>The earlier of two times.</summary>
    /// <param name="one">A time.</param>
    /// <param name="other">Another.</param>
    public static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
