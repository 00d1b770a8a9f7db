namespace WhiteCross.Jobs.Contracts;

/// <summary>A process that works on a queue.</summary>
/// <param name="Id">Its machine's or pod's name, and what tells it from others there.</param>
/// <param name="Slots">How many of the queue's jobs may run in it at once.</param>
/// <param name="SlotsInUse">How many run, as it said last: at most a few seconds ago.</param>
public sealed record WorkerStatus(string Id, int Slots, int SlotsInUse)
{
    /// <summary>
    /// How many of those are stuck: their handlers were told to stop and have not. Their attempts have been ended; the slots stay taken until the handlers
    /// return, or the process is started anew.
    /// </summary>
    public int SlotsStuck { get; init; }

    /// <summary>How long its attempts took of late, on average; null before the first one has ended.</summary>
    public double? AverageMilliseconds { get; init; }

    /// <summary>Whether it reads events that name many jobs; versions before that do not say so.</summary>
    public bool TakesManyJobs { get; init; }
}

/// <summary>The processes that work on one queue.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Workers">Those that are alive, by their ids.</param>
public sealed record QueueWorkers(string Name, IReadOnlyList<WorkerStatus> Workers)
{
    /// <summary>How many of the queue's jobs may run at once, in all of them.</summary>
    public int Slots => Workers.Sum(worker => worker.Slots);

    /// <summary>How many run.</summary>
    public int SlotsInUse => Workers.Sum(worker => worker.SlotsInUse);

    /// <summary>How many of those are stuck.</summary>
    public int SlotsStuck => Workers.Sum(worker => worker.SlotsStuck);
}

/// <summary>The processes that work on all queues.</summary>
/// <param name="Queues">By the queue's name.</param>
/// <param name="Timestamp">When they were read.</param>
public sealed record WorkersReport(IReadOnlyDictionary<string, QueueWorkers> Queues, DateTimeOffset Timestamp);
