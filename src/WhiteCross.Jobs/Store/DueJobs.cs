using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>A waiting job whose event must be published.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Priority">How urgent it is: which lane its event takes.</param>
/// <param name="TraceParent">The W3C traceparent under which it was added; null when tracing was off.</param>
/// <param name="Claim">
/// The claim under which it was handed out. 0 for one that was just added: nobody else has been handed it.
/// </param>
public readonly record struct JobEvent(string JobId, string Type, JobPriority Priority, string? TraceParent, long Claim = JobClaim.None);

/// <summary>
/// What was handed out to be published, to be confirmed or handed back: only this very debt is struck, not one that has come about since.
/// </summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Claim">The claim; <see cref="None"/> for whatever is owed.</param>
public readonly record struct JobClaim(string JobId, long Claim)
{
    /// <summary>No claim in particular.</summary>
    public const long None = 0;
}

/// <summary>Jobs whose events must be published now.</summary>
/// <param name="Jobs">The jobs. They stay claimed for a while; one that is not confirmed as published until then comes again.</param>
/// <param name="NextDueIn">
/// In how long the next job is due that is on record by now; null when there is none. A span, since the store's clock need not agree with the caller's.
/// </param>
public sealed record DueJobs(IReadOnlyList<JobEvent> Jobs, TimeSpan? NextDueIn);

/// <summary>A dead letter that is owed: the job as it is on record.</summary>
/// <param name="Job">The job.</param>
/// <param name="Claim">The claim under which it was handed out.</param>
public sealed record OwedDeadLetter(JobRecord Job, long Claim);
