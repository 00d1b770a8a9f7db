namespace WhiteCross.Sidecar.Resiliency;

/// <summary>Why a policy ended a call.</summary>
public enum PolicyFailureKind
{
    /// <summary>The attempt took longer than its timeout.</summary>
    Timeout,

    /// <summary>The circuit breaker is open, or half-open with enough calls under way: the call was not made.</summary>
    CircuitOpen,

    /// <summary>All retries failed; the inner exception is the last failure.</summary>
    RetriesExhausted,
}

/// <summary>A call that a policy ended.</summary>
public sealed class PolicyFailureException : Exception
{
    internal PolicyFailureException(PolicyFailureKind kind, string message, int attempts, Exception? inner = null)
        : base(message, inner) => (Kind, Attempts) = (kind, attempts);

    /// <summary>Why.</summary>
    public PolicyFailureKind Kind { get; }

    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; }
}
