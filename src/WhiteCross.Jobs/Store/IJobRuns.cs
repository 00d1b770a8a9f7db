using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>The runs of jobs: adding jobs, beginning their runs, keeping them, and putting on record what comes of them. See <see cref="IJobStore"/> for what holds of every call.</summary>
public interface IJobRuns
{
    /// <summary>Puts jobs on record. A job whose id is on record already, or has been within the tombstones' time, is not added again.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken);

    /// <summary>
    /// Begins runs of jobs whose events have come in; puts a job on record first where there is none and the event describes one. A holder that asks
    /// again gets the run again that it holds.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="requests">The jobs. One that is named twice begins once.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken);

    /// <summary>Renews the leases of runs, and tells which of them have been lost or are to be cancelled.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken);

    /// <summary>Puts progress, log lines and finished steps on record.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken);

    /// <summary>The results of a job's finished steps by name, as UTF-8 JSON.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the ends of runs on record. The end of a run whose job was taken from it is refused; that of one whose lease is over is taken as long as
    /// nobody has. The same end of the same run again is answered as it was the first time, and changes nothing.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="ends">The ends.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken);
}
