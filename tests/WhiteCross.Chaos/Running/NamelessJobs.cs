using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using StackExchange.Redis;
using WhiteCross.Chaos.Checking;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Running;

/// <summary>
/// Jobs whose events have no id that can be used and name no job either, put on the stream as their publisher's sidecar does, once or several times.
/// Nobody tells what job each becomes: a mark in its data leads to it.
/// </summary>
internal sealed class NamelessJobs(IDatabase lanes)
{
    /// <summary>The member of the metadata with the mark.</summary>
    public const string Marker = "marker";

    private static readonly RedisKey Stream = JobQueues.MessageNotification;

    private readonly ConcurrentDictionary<string, AcceptedJob> _accepted = new(StringComparer.Ordinal);

    /// <summary>Publishes an event so many times, to the byte alike.</summary>
    /// <returns>Whether Redis has taken it.</returns>
    public async Task<bool> PublishAsync(AcceptedJob job, JsonObject envelope, int times)
    {
        var nameless = envelope.DeepClone().AsObject();
        nameless.Remove("jobId");
        nameless["data"]!["metadata"]![Marker] = job.JobId;
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0",
            ["type"] = "com.dapr.event.sent",
            ["source"] = "chaos",
            ["datacontenttype"] = "application/json",
            ["data"] = nameless,
        };
        if (times == 1)
        {
            cloudEvent["id"] = 7; // Not text, and the same for many.
        }

        var text = cloudEvent.ToJsonString();
        try
        {
            for (var i = 0; i < times; i++)
            {
                await lanes.StreamAddAsync(Stream, "data", text);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false; // Redis is away or takes nothing just now; whether it has taken this nobody knows, and the same event makes no second job.
        }

        _accepted[job.JobId] = job;
        return true;
    }

    /// <summary>
    /// The jobs that the events became, by the runs that bear their marks. A job that has not run is called by its mark, so that it is missed; one that
    /// came to be two is there twice, so that it is counted.
    /// </summary>
    public IEnumerable<AcceptedJob> Find(IReadOnlyList<HistoryLine> lines)
    {
        var found = lines.Where(line => line.What == "start" && line.Detail.Length > 0).Select(line => (Mark: line.Detail, line.JobId)).Distinct()
            .ToLookup(pair => pair.Mark, pair => pair.JobId, StringComparer.Ordinal);
        return _accepted.Values.SelectMany(job => found[job.JobId].DefaultIfEmpty(job.JobId).Select(id => job with { JobId = id }));
    }
}
