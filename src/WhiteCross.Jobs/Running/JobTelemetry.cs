using System.Diagnostics;
using System.Diagnostics.Metrics;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>The traces and metrics of jobs. Names follow OpenTelemetry's messaging conventions where there are some. Never holds data of a job.</summary>
public static class JobTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "WhiteCross.Jobs";

    /// <summary>Spans: <c>add</c> and, under it, <c>wait</c> and <c>attempt</c> for each attempt; <c>step</c> under an attempt.</summary>
    public static readonly ActivitySource Source = new(Name);

    // OpenTelemetry's default boundaries are meant for milliseconds: nearly every attempt would be in the first.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
    };

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Ends = Meter.CreateCounter<long>("whitecross.jobs.attempts", "{attempt}", "Attempts that ended, by queue, type and outcome.");
    private static readonly Counter<long> Adds = Meter.CreateCounter<long>("whitecross.jobs.added", "{job}", "Jobs put on record, by queue.");
    private static readonly Counter<long> Stalls = Meter.CreateCounter<long>("whitecross.jobs.stalled", "{attempt}", "Attempts whose lease ran out, by queue.");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("messaging.process.duration", "s", "How long attempts ran.", advice: Seconds);
    private static readonly Histogram<double> Waits = Meter.CreateHistogram<double>("whitecross.jobs.wait", "s", "How long jobs were ready before their attempt began.", advice: Seconds);

    /// <summary>Counts jobs that were added.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="count">How many.</param>
    public static void Added(string queue, int count)
    {
        if (count > 0)
        {
            Adds.Add(count, new KeyValuePair<string, object?>("messaging.destination.name", queue));
        }
    }

    /// <summary>Counts attempts that were found to have stalled.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="count">How many.</param>
    public static void Stalled(string queue, int count)
    {
        if (count > 0)
        {
            Stalls.Add(count, new KeyValuePair<string, object?>("messaging.destination.name", queue));
        }
    }

    /// <summary>Shows how many handlers of a queue may run in this process, and how many do, until what it returns is disposed.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="slots">How many may.</param>
    /// <param name="used">How many do.</param>
    /// <param name="stuck">How many of those were told to stop and have not.</param>
    internal static IDisposable ObserveSlots(string queue, int slots, Func<int> used, Func<int> stuck)
    {
        var meter = new Meter(Name);
        var tag = new KeyValuePair<string, object?>("messaging.destination.name", queue);
        meter.CreateObservableUpDownCounter("whitecross.jobs.slots", () => new Measurement<int>(slots, tag), "{slot}", "Handlers that may run at once in this process, by queue.");
        meter.CreateObservableUpDownCounter("whitecross.jobs.slots.used", () => new Measurement<int>(used(), tag), "{slot}", "Handlers that run in this process, by queue.");
        meter.CreateObservableUpDownCounter("whitecross.jobs.slots.stuck", () => new Measurement<int>(stuck(), tag), "{slot}", "Slots in this process whose handler was told to stop and has not, by queue.");
        return meter;
    }

    /// <summary>Starts the span of adding jobs; its traceparent belongs on the jobs: see <see cref="TraceParent"/>.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="type">The jobs' type; null for several.</param>
    public static Activity? StartAdd(string queue, string? type) => Source.StartActivity(
        type is null ? "add" : $"add {type}",
        ActivityKind.Producer,
        default(ActivityContext),
        [new("messaging.system", "dapr"), new("messaging.operation.type", "send"), new("messaging.destination.name", queue)]);

    /// <summary>The traceparent to add jobs under: that of the add, or of whatever goes on when nobody listens to ours.</summary>
    /// <param name="add">The span of the add.</param>
    public static string? TraceParent(Activity? add) => (add ?? Activity.Current)?.Id;

    /// <summary>Starts the span of an attempt, under the span in which the job was added.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="run">The run.</param>
    public static Activity? StartAttempt(string queue, JobRun run)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(run.TraceParent, null, isRemote: true, out var parent);
        // The span of the waiting is over by now.
        Source.StartActivity(
            $"wait {run.Type}",
            ActivityKind.Internal,
            parent,
            [new("messaging.destination.name", queue), new("messaging.message.id", run.Key.JobId), new("job.attempt", run.Attempt)],
            startTime: run.ReadySince)
            ?.SetEndTime(run.StartedAt.UtcDateTime).Stop();
        return Source.StartActivity(
            $"attempt {run.Type}",
            ActivityKind.Consumer,
            parent,
            [
                new("messaging.system", "dapr"), new("messaging.operation.type", "process"), new("messaging.destination.name", queue),
                new("messaging.message.id", run.Key.JobId), new("job.type", run.Type), new("job.attempt", run.Attempt),
            ]);
    }

    /// <summary>Records the end of an attempt.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="run">The run.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="duration">How long it ran.</param>
    /// <param name="wait">How long the job had been ready before.</param>
    public static void Ended(string queue, JobRun run, string outcome, TimeSpan duration, TimeSpan wait)
    {
        var tags = new TagList { { "messaging.destination.name", queue }, { "job.type", run.Type }, { "outcome", outcome } };
        Ends.Add(1, tags);
        Durations.Record(duration.TotalSeconds, tags);
        Waits.Record(Math.Max(0, wait.TotalSeconds), new KeyValuePair<string, object?>("messaging.destination.name", queue));
    }
}
