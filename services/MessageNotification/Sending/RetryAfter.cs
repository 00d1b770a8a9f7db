namespace WhiteCross.MessageNotification;

/// <summary>Reads when a provider wants to be asked again.</summary>
internal static class RetryAfter
{
    // What asks for more is asked again all the same: a typing error of the other side must not lose a day.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>
    /// The wait that a response's Retry-After asks for, in seconds or as a date, at most an hour; null without one, and where it says "at once": a provider
    /// that has just refused is left alone by our own schedule.
    /// </summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait < TimeSpan.FromSeconds(1) ? null : wait > Longest ? Longest : wait;
    }
}
