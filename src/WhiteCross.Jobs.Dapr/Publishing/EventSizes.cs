using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// How many jobs an event of a queue names at most. A sidecar's price is per event, so the more the better, as far as nobody hoards: all events that one
/// instance may have in hand are together about a second's work. Goes by what the queue's workers tell of themselves.
/// </summary>
internal sealed partial class EventSizes(IWorkerRegistry workers, TimeProvider time, ILogger<EventSizes> logger)
{
    /// <summary>More in an event gains nothing: the price of one is spread thin already.</summary>
    public const int Largest = 100;

    // Before anybody has told how long the jobs take. Where they are slow, instances give back what they do not get to.
    private const int Unknown = 32;

    // The events of a lane that an instance has in hand: its sidecar's workers, concurrency in components/jobs*.yaml.
    private const int InHand = 32;

    // Workers tell every two seconds, and at once when they first know how long their jobs take.
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepUnknownFor = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The most jobs in an event.</summary>
    public async ValueTask<int> GetAsync(string queue)
    {
        var known = _known.GetValueOrDefault(queue);
        if (known is not null && time.GetElapsedTime(known.At) < known.For)
        {
            return known.Jobs;
        }

        var (jobs, keepFor) = (known?.Jobs ?? 1, KeepFor);
        try
        {
            var told = await workers.ListAsync(queue, CancellationToken.None);
            jobs = Of(told);
            keepFor = told.Any(worker => worker.AverageMilliseconds is not null) ? KeepFor : KeepUnknownFor;
        }
#pragma warning disable CA1031 // The last known number does as well, and who announces must not fail for it.
        catch (Exception exception)
        {
            LogUnknown(exception, queue, jobs);
        }
#pragma warning restore CA1031

        _known[queue] = new Known(jobs, time.GetTimestamp(), keepFor);
        return jobs;
    }

    /// <summary>The most jobs in an event for these workers.</summary>
    internal static int Of(IReadOnlyList<WorkerStatus> workers)
    {
        if (workers.Any(worker => !worker.TakesManyJobs))
        {
            // An older version takes such an event for nothing, and the reconciler has to make up for it.
            return 1;
        }

        var jobs = workers
            .Where(worker => worker.AverageMilliseconds is not null)
            .Select(worker => worker.Slots * 1000 / Math.Max(worker.AverageMilliseconds!.Value, 0.01) / InHand)
            .DefaultIfEmpty(Unknown)
            .Min();
        return (int)Math.Clamp(jobs, 1, Largest);
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: it is not known who works on it; an event names {Jobs} jobs at most")]
    private partial void LogUnknown(Exception exception, string queue, int jobs);

    private sealed record Known(int Jobs, long At, TimeSpan For);
}
