namespace WhiteCross.Jobs.Running;

/// <summary>Publishes the dead letters of jobs that have failed for good. What it cannot publish stays owed on record, and is tried again.</summary>
public interface IDeadLetterPublisher
{
    /// <summary>Publishes the dead letters of these jobs, and takes note of it. Does not throw when the sidecar is away.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task PublishAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken);
}
