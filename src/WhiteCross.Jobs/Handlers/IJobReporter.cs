using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs;

/// <summary>Where a running job's reports go. The queue's worker has one over the job store; a handler's unit test can bring its own.</summary>
public interface IJobReporter
{
    /// <summary>Why the attempt's cancellation token fired, if it did.</summary>
    StopCause StopCause => StopCause.None;

    /// <summary>Keeps the latest progress.</summary>
    /// <param name="progress">The progress.</param>
    ValueTask ReportProgressAsync(JobProgress progress);

    /// <summary>Adds a line to the job's log.</summary>
    /// <param name="line">The line.</param>
    ValueTask LogAsync(string line);

    /// <summary>The stored result of a step that an earlier attempt finished, as UTF-8 JSON; null when there is none.</summary>
    /// <param name="name">The step's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken);

    /// <summary>Runs a step; the place for a span around it.</summary>
    /// <typeparam name="T">The step's result.</typeparam>
    /// <param name="name">The step's name.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Handed to the step.</param>
    Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken);

    /// <summary>Stores the result of a step; returns once it is stored.</summary>
    /// <param name="name">The step's name.</param>
    /// <param name="result">The result, as UTF-8 JSON; at most 64 KiB.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="JobLeaseLostException">The run no longer holds the job.</exception>
    ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken);
}

/// <summary>A run has lost its job: its lease ran out and the job went on without it. Nothing that it still writes is taken.</summary>
public sealed class JobLeaseLostException : Exception
{
    /// <summary>Creates the exception.</summary>
    public JobLeaseLostException()
        : base("The run's lease is over and the job has gone on without it; nothing that this run reports is taken any more.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public JobLeaseLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobLeaseLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
