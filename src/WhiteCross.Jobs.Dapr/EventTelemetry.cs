using System.Diagnostics.Metrics;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr;

/// <summary>The metrics of events. Never holds anything of an event's content.</summary>
internal static class EventTelemetry
{
    private static readonly Meter Meter = new(JobTelemetry.Name);

    private static readonly Counter<long> UnreadableEvents = Meter.CreateCounter<long>(
        "whitecross.jobs.events.unreadable", "{event}", "Events that are no JSON and therefore can be no job, by topic.");

    /// <summary>Counts an event that is no JSON: by Dapr's rules nothing of it can be put on record.</summary>
    /// <param name="topic">The topic that it was published to.</param>
    public static void Unreadable(string topic) => UnreadableEvents.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", topic));
}
