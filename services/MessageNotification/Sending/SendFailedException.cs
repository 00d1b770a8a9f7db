namespace WhiteCross.MessageNotification;

/// <summary>Something was not sent, or will not be sent again.</summary>
internal sealed class SendFailedException(SendFailure failure) : Exception("The notification was not sent; see the failure.")
{
    public SendFailure Failure { get; } = failure;

    /// <summary>It can never be sent.</summary>
    public static SendFailedException Permanent(string reason) => new(new SendFailure(SendFailureKind.Permanent, reason));

    /// <summary>It cannot be sent now, through no fault of the notification: it is tried again until its end, and that costs no attempt.</summary>
    public static SendFailedException Unavailable(string reason, bool providerAtFault = true, TimeSpan? hint = null) =>
        new(new SendFailure(SendFailureKind.Unavailable, reason) { ProviderAtFault = providerAtFault, Hint = hint });

    /// <summary>The provider asks everybody to come more slowly, or later.</summary>
    public static SendFailedException Throttled(string reason, TimeSpan? hint) =>
        new(new SendFailure(SendFailureKind.Unavailable, reason) { IsThrottled = true, Hint = hint });

    /// <summary>Nobody can tell whether it was sent, and it is not sent again.</summary>
    public static SendFailedException Unknown(string reason) => new(new SendFailure(SendFailureKind.Permanent, reason) { IsUnknown = true });

    /// <summary>The provider was not asked: its jobs wait in line, this one for so long.</summary>
    public static SendFailedException NotTried(string reason, TimeSpan wait) => new(new SendFailure(SendFailureKind.NotTried, reason) { Hint = wait });
}

/// <summary>Why something was not sent, and what follows from that.</summary>
/// <param name="Kind">What follows.</param>
/// <param name="Reason">Why, in words that hold no content, address or key.</param>
internal sealed record SendFailure(SendFailureKind Kind, string Reason)
{
    /// <summary>Whether it speaks against the provider as a whole.</summary>
    public bool ProviderAtFault { get; init; }

    /// <summary>Whether the provider is asked too much.</summary>
    public bool IsThrottled { get; init; }

    /// <summary>Whether another provider may send it in place of this one, which is away and has surely not.</summary>
    public bool IsAway { get; init; }

    /// <summary>Whether nobody can tell if it was sent.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The code with which there is no such address; null when that is not why.</summary>
    public string? BouncedAs { get; init; }

    /// <summary>Whether the recipient has stopped all of it.</summary>
    public bool IsStopped { get; init; }

    /// <summary>When to come again, where that is known.</summary>
    public TimeSpan? Hint { get; init; }
}

/// <summary>What follows from a failure.</summary>
internal enum SendFailureKind
{
    /// <summary>The job fails.</summary>
    Permanent,

    /// <summary>It may have been sent and is sent again: that costs an attempt, so that it ends.</summary>
    Repeat,

    /// <summary>It is tried again until the notification's end.</summary>
    Unavailable,

    /// <summary>It was not tried: it waits for its turn.</summary>
    NotTried,
}
