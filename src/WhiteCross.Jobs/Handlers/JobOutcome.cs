namespace WhiteCross.Jobs;

/// <summary>What came of one attempt.</summary>
public abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>The work is done.</summary>
    /// <param name="Result">What to keep of it, as JSON; at most 64 KiB, beyond that a marked cut.</param>
    public sealed record Completed(object? Result = null) : JobOutcome;

    /// <summary>The attempt failed; another may help. Counts as an attempt: after the last one the job fails.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    /// <param name="After">When to try again; left out, the job's back-off decides.</param>
    public sealed record Retry(string Reason, TimeSpan? After = null) : JobOutcome;

    /// <summary>The work cannot be done now, through no fault of the job: a provider asked to wait, a circuit breaker is open. Costs no attempt.</summary>
    /// <param name="For">How long to wait. 100 ms–24 h; outside it is moved to the nearest end.</param>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    public sealed record Snooze(TimeSpan For, string? Reason = null) : JobOutcome;

    /// <summary>The job can never succeed: it fails at once.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    public sealed record Fail(string Reason) : JobOutcome;

    /// <summary>The work is no longer wanted: the job fails as cancelled.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    public sealed record Cancel(string Reason) : JobOutcome;
}
