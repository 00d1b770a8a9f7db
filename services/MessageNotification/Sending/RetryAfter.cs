namespace WhiteCross.MessageNotification;

/// <summary>Reads when a provider wants to be asked again.</summary>
internal static class RetryAfter
{
    /// <summary>The wait that a response's Retry-After asks for, in seconds or as a date; null without one.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };
}
