using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>A waiting job whose event must be published.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Priority">How urgent it is: which lane its event takes.</param>
/// <param name="TraceParent">The W3C traceparent under which it was added; null when tracing was off.</param>
public readonly record struct JobEvent(string JobId, string Type, JobPriority Priority, string? TraceParent);

/// <summary>Jobs whose events must be published now.</summary>
/// <param name="Jobs">The jobs. They stay claimed for a while; one that is not confirmed as published until then comes again.</param>
/// <param name="NextDueAt">When the next job is due that is on record by now; null when there is none.</param>
public sealed record DueJobs(IReadOnlyList<JobEvent> Jobs, DateTimeOffset? NextDueAt);

/// <summary>A dead letter that is owed: the job as it is on record.</summary>
/// <param name="Job">The job.</param>
/// <param name="Backoff">The pause between its attempts.</param>
public sealed record OwedDeadLetter(JobRecord Job, JobBackoff Backoff);
