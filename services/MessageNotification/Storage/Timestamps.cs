namespace WhiteCross.MessageNotification;

/// <summary>Times as they are stored and shown: UTC, whole milliseconds, so that both databases and every cursor see the same value.</summary>
internal static class Timestamps
{
    public static DateTimeOffset ToStored(this DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
