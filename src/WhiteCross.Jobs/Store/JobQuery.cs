using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Which jobs to list.</summary>
/// <param name="State">Only those in this state; null for all.</param>
/// <param name="Limit">The most on a page. 1–1000.</param>
/// <param name="Cursor">Where to go on, as another page says; null for the first.</param>
/// <param name="WithData">
/// Whether the records have their data and results; else <see cref="JobRecord.Data"/> is a JSON null. These may be 1 MiB a job, and a list that does
/// not show them should not read them.
/// </param>
/// <param name="Cause">Of failed ones, only those of this cause; null for all. See <see cref="Failures.FailureGroup.Cause"/>.</param>
public sealed record JobQuery(JobState? State = null, int Limit = 50, string? Cursor = null, bool WithData = false, string? Cause = null);

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">
/// The jobs, newest first. A page has fewer than asked for, and yet a cursor, when it comes to <see cref="JobStoreRules.PageBytes"/>.
/// </param>
/// <param name="NextCursor">Where the next page begins; null at the end.</param>
/// <param name="PreviousCursor">With it, the page before is listed: the newer jobs next to these; null where there are none.</param>
public sealed record JobPage(IReadOnlyList<JobRecord> Jobs, string? NextCursor, string? PreviousCursor = null);

/// <summary>A cursor that no page of this store ended with.</summary>
public sealed class InvalidCursorException : Exception
{
    /// <summary>Creates the exception.</summary>
    public InvalidCursorException()
        : base("The cursor is not one that an earlier page returned; leave it out to begin anew.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public InvalidCursorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What lies behind it.</param>
    public InvalidCursorException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>What came of an operator's wish.</summary>
public enum ChangeOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such job.</summary>
    NotFound,

    /// <summary>The job is in a state in which this cannot be done.</summary>
    WrongState,
}
