using System.Globalization;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// What never changes of a job, in one field of its hash, so that a million jobs do not pay for eight: "priority max-attempts remove-on-complete
/// remove-on-fail back-off timeout traceparent type". The scripts read the first four.
/// </summary>
internal readonly record struct JobSpec(
    JobPriority Priority, int MaxAttempts, bool RemoveOnComplete, bool RemoveOnFail, JobBackoff Backoff, TimeSpan Timeout, string? TraceParent, string Type)
{
    private const int Parts = 8;
    private const string None = "-";

    public static JobSpec Of(NewJob job) => new(
        job.Priority, job.MaxAttempts, job.RemoveOnComplete, job.RemoveOnFail, job.Backoff, job.Timeout, job.TraceParent, job.Type);

    public static JobSpec Parse(string text)
    {
        var parts = text.Split(' ', Parts);
        return new JobSpec(
            (JobPriority)int.Parse(parts[0], CultureInfo.InvariantCulture),
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            parts[2] == "1",
            parts[3] == "1",
            new JobBackoff(parts[4][0] == 'f' ? JobBackoffType.Fixed : JobBackoffType.Exponential, long.Parse(parts[4].AsSpan(1), CultureInfo.InvariantCulture)),
            TimeSpan.FromMilliseconds(long.Parse(parts[5], CultureInfo.InvariantCulture)),
            parts[6] == None ? null : parts[6],
            parts[7]);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        // A traceparent is a caller's header: one with a blank in it is none.
        var traceParent = string.IsNullOrEmpty(TraceParent) || TraceParent.Contains(' ', StringComparison.Ordinal) ? None : TraceParent;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)Priority} {MaxAttempts} {(RemoveOnComplete ? 1 : 0)} {(RemoveOnFail ? 1 : 0)} {(Backoff.Type == JobBackoffType.Fixed ? 'f' : 'e')}{Backoff.Delay} {(long)Math.Ceiling(Timeout.TotalMilliseconds)} {traceParent} {Type}");
    }
}
