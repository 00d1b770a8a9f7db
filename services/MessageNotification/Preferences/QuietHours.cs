namespace WhiteCross.MessageNotification;

/// <summary>The time of the day at which a user is not to be disturbed.</summary>
/// <param name="From">When it begins, to the minute.</param>
/// <param name="To">When it ends; before <paramref name="From"/> when that is on the next day.</param>
/// <param name="TimeZone">The user's time zone, an IANA id, for example <c>Europe/Berlin</c>.</param>
internal sealed record QuietHours(TimeOnly From, TimeOnly To, string TimeZone)
{
    /// <summary>When they end that a moment lies in, by the user's clock.</summary>
    /// <param name="moment">The moment.</param>
    /// <returns>Their end; null when the moment lies in none.</returns>
    public DateTimeOffset? EndAfter(DateTimeOffset moment)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone))
        {
            return null;
        }

        var local = TimeZoneInfo.ConvertTime(moment, zone).DateTime;

        // TimeOnly.IsBetween knows of midnight.
        if (!TimeOnly.FromDateTime(local).IsBetween(From, To))
        {
            return null;
        }

        var end = local.Date + To.ToTimeSpan();
        end = end > local ? end : end.AddDays(1);

        // Where the clock is put forward over the end, they end with that; where it is put back, with the first time that it shows the end.
        while (zone.IsInvalidTime(end))
        {
            end = end.AddMinutes(15);
        }

        var offset = zone.IsAmbiguousTime(end) ? zone.GetAmbiguousTimeOffsets(end).Max() : zone.GetUtcOffset(end);
        var result = new DateTimeOffset(end, offset).ToUniversalTime();

        // The clock shows the hour for a second time, and its first time is over.
        return result > moment ? result : new DateTimeOffset(end, zone.BaseUtcOffset).ToUniversalTime();
    }
}
