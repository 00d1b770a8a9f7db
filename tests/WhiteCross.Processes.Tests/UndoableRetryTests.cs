using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests;

/// <summary>A retry that can be undone for a while is on record, not in the gateway that took it.</summary>
public sealed class UndoableRetryTests
{
    private const string Queue = "/queue/message-cleanup";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_that_is_killed_within_the_time_runs_it_when_it_is_back()
    {
        await using var redis = await RedisServer.StartLocalAsync();
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions
            {
                Redis = redis.EndPoint,
                Apps = ["queue-gateway"],
                Environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" },
            },
            Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        var jobId = await AddFailedAsync(gateway);
        using var held = await gateway.PostAsync($"{Queue}/failed/retry?undoSeconds=2", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, held.StatusCode);

        var process = system.App("queue-gateway").Service;
        await process.KillAsync();
        process.Start();
        await system.WaitUntilUpAsync(Cancellation);

        await UntilAsync(gateway, held.Headers.Location!.OriginalString, "done");
        await UntilAsync(gateway, $"{Queue}/jobs/{jobId}", "waiting");
    }

    /// <summary>No service of this queue runs: the job waits until it is cancelled, which is a failure.</summary>
    private static async Task<string> AddFailedAsync(HttpClient gateway)
    {
        using var answer = await gateway.PostAsJsonAsync(
            $"{Queue}/jobs", new { type = "cleanup-messages", data = new { cleanupType = "old_messages" } }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var jobId = (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!;
        using var cancelled = await gateway.PostAsync($"{Queue}/jobs/{jobId}/cancel", null, Cancellation);
        Assert.Equal("failed", (string)(await cancelled.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["state"]!);
        return jobId;
    }

    private static async Task UntilAsync(HttpClient gateway, string path, string state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((string)(await gateway.GetFromJsonAsync<JsonObject>(path, limit.Token))!["state"]! != state)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
