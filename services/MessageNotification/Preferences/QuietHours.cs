namespace WhiteCross.MessageNotification;

/// <summary>The time of the day at which a user is not to be disturbed.</summary>
/// <param name="From">When it begins, to the minute.</param>
/// <param name="To">When it ends; before <paramref name="From"/> when that is on the next day.</param>
/// <param name="TimeZone">The user's time zone, an IANA id, for example <c>Europe/Berlin</c>.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, string TimeZone)
{
    /// <summary>Whether a moment is in them, by the user's clock.</summary>
    /// <param name="moment">The moment.</param>
    public bool Include(DateTimeOffset moment) =>
        // TimeOnly.IsBetween knows of midnight.
        TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone)
        && TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime).IsBetween(From, To);
}
