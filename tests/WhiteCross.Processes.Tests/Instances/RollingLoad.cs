using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.Instances;

/// <summary>Jobs of all queues, from a client that tries a request once more where it fails.</summary>
/// <param name="system">The system.</param>
/// <param name="isFull">200 jobs a second; else 50, which a small machine gets done beside the restarts.</param>
internal sealed class RollingLoad(ProcessSystem system, bool isFull) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly int _roundsPerSecond = isFull ? 4 : 1;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>The jobs that were accepted, by their queues.</summary>
    public ConcurrentBag<(string Queue, string JobId)> Accepted { get; } = [];

    /// <summary>Requests that failed twice, and how.</summary>
    public ConcurrentBag<string> Failures { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        var adding = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1d / _roundsPerSecond));
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            adding.Add(AddAsync("message-encryption", 20, () => ("encrypt-decrypt", new() { ["messageId"] = NewId(), ["operation"] = "encrypt", ["content"] = "words" })));
            adding.Add(AddAsync("message-indexing", 15, () => ("index-message", SharedQueueTests.IndexData())));
            adding.Add(AddAsync("message-notification", 10, () => ("send-notification", new() { ["recipientId"] = NewId(), ["type"] = "in_app", ["title"] = "New", ["message"] = "New." })));
            adding.Add(AddAsync("message-delivery", 5, () => ("send-message", Message())));
            if (round % _roundsPerSecond == 0)
            {
                adding.Add(AddAsync("message-cleanup", 1, () => ("cleanup-messages", new() { ["cleanupType"] = "old_messages", ["dryRun"] = true })));
                adding.Add(AddAsync("batch-message-sending", 1, () => ("batch-send", new()
                {
                    ["senderId"] = NewId(),
                    ["recipientIds"] = new JsonArray(NewId(), NewId()),
                    ["content"] = "words",
                    ["createConversations"] = true,
                    ["chunkDelay"] = 0,
                })));
            }
        }

        await Task.WhenAll(adding);
    }

    public void Dispose() => _client.Dispose();

    private async Task AddAsync(string queue, int count, Func<(string Type, JsonObject Data)> make)
    {
        string[] ids = [.. Enumerable.Range(0, count).Select(_ => NewId())];
        var jobs = new JsonArray([.. ids.Select(id =>
        {
            var (type, data) = make();
            var envelope = Envelope(type, data);
            envelope["jobId"] = id;
            return (JsonNode)envelope;
        })]);
        if (await TryAddAsync(queue, jobs) is not null)
        {
            await Task.Delay(Pause, Cancellation);
            if (await TryAddAsync(queue, jobs) is { } failure)
            {
                Failures.Add($"{queue}: {failure}");
                return;
            }
        }

        foreach (var id in ids)
        {
            Accepted.Add((queue, id));
        }
    }

    /// <returns>What went wrong; null: nothing.</returns>
    private async Task<string?> TryAddAsync(string queue, JsonArray jobs)
    {
        try
        {
            using var answer = await _client.PostAsJsonAsync(new Uri(system.App("queue-gateway").Address, $"/queue/{queue}/jobs/bulk"), new JsonObject { ["jobs"] = jobs.DeepClone() }, Cancellation);
            return answer.IsSuccessStatusCode ? null : $"{(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return exception.GetType().Name;
        }
    }
}
