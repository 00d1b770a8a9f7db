using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Sees how far the events of a queue's lanes have been taken. On Redis it looks at the streams; embedded, at the sidecar's broker.</summary>
public interface ILaneInspector
{
    /// <summary>
    /// An event that was read so long ago and is not acknowledged counts as taken all the same: its jobs have begun or are held on record by then, or the
    /// sidecar that had read it has died with it. So does one that was read again, which happens a minute after it was read first: in an overloaded queue old
    /// events are read again and again, and would pass for the lane's oldest for as long.
    /// </summary>
    static readonly TimeSpan TakenAfter = TimeSpan.FromSeconds(2);

    /// <summary>
    /// For each lane of a queue, how old the oldest event is that the queue's service has not read, or has read once, within <see cref="TakenAfter"/>, and
    /// not acknowledged, by the lane's own clock; zero where there is none. Every waiting job whose latest event is older, and that nobody holds, has no event
    /// in flight. A lane that cannot be told is left out.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Removes the events of a topic that every consumer group has acknowledged.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were removed.</returns>
    Task<long> TrimAsync(string topic, CancellationToken cancellationToken);
}
