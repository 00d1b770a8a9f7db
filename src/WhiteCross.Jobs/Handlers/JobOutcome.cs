namespace WhiteCross.Jobs;

/// <summary>What came of one attempt.</summary>
/// <example>
/// <code>
/// return new JobOutcome.Completed(new { receipt.Id });                              // done; the result is on record
/// return new JobOutcome.Retry("The printer is out of paper.");                      // an attempt; again after the job's back-off
/// return new JobOutcome.Snooze(retryAfter, "The provider asks to wait.");           // no attempt; again after that time
/// return new JobOutcome.Fail("There is no such template.");                         // for good; a dead letter
/// return new JobOutcome.Cancel("The appointment was called off.");                  // no longer wanted; a dead letter too
/// </code>
/// </example>
public abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>The work is done.</summary>
    /// <param name="Result">
    /// What to keep of it, as JSON; at most 64 KiB, beyond that a marked cut. One that cannot be written as JSON fails the job for good: its work is done, and
    /// another attempt would do it again.
    /// </param>
    public sealed record Completed(object? Result = null) : JobOutcome
    {
        /// <summary>Whether the job's data is taken from its record at once, and not with the record: of what must not lie about. Default: false.</summary>
        public bool ForgetsData { get; init; }
    }

    /// <summary>The attempt failed; another may help. Counts as an attempt: after the last one the job fails.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    /// <param name="After">When to try again; left out, the job's back-off decides.</param>
    public sealed record Retry(string Reason, TimeSpan? After = null) : JobOutcome;

    /// <summary>The work cannot be done now, through no fault of the job: a provider asked to wait, a circuit breaker is open. Costs no attempt.</summary>
    /// <param name="For">
    /// How long to wait: 1 s–24 h; outside it is moved to the nearest end. Snoozes in a row are spaced more and more, up to 5 minutes where less was asked
    /// for; and after the queue's <c>MaxSnooze</c> (a day) the next one is an attempt, as <see cref="Retry"/> is.
    /// </param>
    /// <param name="Reason">Why, in words that hold no content, address or key. It is on record while the job waits.</param>
    public sealed record Snooze(TimeSpan For, string? Reason = null) : JobOutcome
    {
        /// <summary>
        /// The job is postponed because that is wanted, and not for want of something: its work went on and there is more to do, or its owner has paused it.
        /// The spacing, and the time that snoozes may go on, start anew. It is believed, as an end of the work is, also from a handler that the attempt's
        /// timeout has stopped; a snooze for want of something is not, and the attempt counts as timed out.
        /// </summary>
        public bool StartsAnew { get; init; }
    }

    /// <summary>The job can never succeed: it fails at once.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    public sealed record Fail(string Reason) : JobOutcome;

    /// <summary>The work is no longer wanted: the job fails as cancelled.</summary>
    /// <param name="Reason">Why, in words that hold no content, address or key.</param>
    public sealed record Cancel(string Reason) : JobOutcome;
}
