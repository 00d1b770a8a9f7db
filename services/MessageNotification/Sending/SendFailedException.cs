using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification;

/// <summary>Something was not sent, or will not be sent again; says what becomes of the job.</summary>
/// <param name="outcome">The attempt's outcome. Its reason holds no content, address or key.</param>
/// <param name="providerAtFault">Whether the provider's circuit breaker should count it.</param>
internal sealed class SendFailedException(JobOutcome outcome, bool providerAtFault = false) : Exception("The notification was not sent; see the outcome.")
{
    public JobOutcome Outcome { get; } = outcome;

    public bool ProviderAtFault { get; } = providerAtFault;

    /// <summary>It can never be sent.</summary>
    public static SendFailedException Permanent(string reason) => new(new JobOutcome.Fail(reason));

    /// <summary>Another attempt may help.</summary>
    public static SendFailedException Transient(string reason, bool providerAtFault = true) => new(new JobOutcome.Retry(reason), providerAtFault);

    /// <summary>The provider said when to come again; without a time it is a transient failure.</summary>
    public static SendFailedException Later(TimeSpan? after, string reason, bool providerAtFault) =>
        after is { } time ? new(new JobOutcome.Snooze(time, reason), providerAtFault) : Transient(reason, providerAtFault);
}
