using System.Buffers.Text;
using System.Globalization;
using System.Text;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// What never changes of a job, in one field of its hash, so that a million jobs do not pay for eight: "priority max-attempts remove-on-complete
/// remove-on-fail back-off timeout traceparent[;who added it, in base64url] type". The scripts read the first four.
/// </summary>
internal readonly record struct JobSpec(
    JobPriority Priority, int MaxAttempts, bool RemoveOnComplete, bool RemoveOnFail, JobBackoff Backoff, TimeSpan Timeout, string? TraceParent, string Type, string? AddedBy = null)
{
    private const int Parts = 8;
    private const string None = "-";

    public static JobSpec Of(NewJob job) => new(
        job.Priority, job.MaxAttempts, job.RemoveOnComplete, job.RemoveOnFail, job.Backoff, job.Timeout, job.TraceParent, job.Type, job.AddedBy);

    public static JobSpec Parse(string text)
    {
        var parts = text.Split(' ', Parts);
        var (traceParent, by) = parts[6].Split(';') is [var first, var second] ? (first, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(second))) : (parts[6], null);
        return new JobSpec(
            (JobPriority)int.Parse(parts[0], CultureInfo.InvariantCulture),
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            parts[2] == "1",
            parts[3] == "1",
            new JobBackoff(parts[4][0] == 'f' ? JobBackoffType.Fixed : JobBackoffType.Exponential, long.Parse(parts[4].AsSpan(1), CultureInfo.InvariantCulture)),
            TimeSpan.FromMilliseconds(long.Parse(parts[5], CultureInfo.InvariantCulture)),
            traceParent == None ? null : traceParent,
            parts[7],
            by);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        // A traceparent is a caller's header: one with a blank in it is none.
        var traceParent = string.IsNullOrEmpty(TraceParent) || TraceParent.AsSpan().ContainsAny(' ', ';') ? None : TraceParent;
        var by = AddedBy is null ? string.Empty : ";" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(AddedBy));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)Priority} {MaxAttempts} {(RemoveOnComplete ? 1 : 0)} {(RemoveOnFail ? 1 : 0)} {(Backoff.Type == JobBackoffType.Fixed ? 'f' : 'e')}{Backoff.Delay} {(long)Math.Ceiling(Timeout.TotalMilliseconds)} {traceParent}{by} {Type}");
    }
}
