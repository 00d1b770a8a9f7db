using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>The gateway on a Redis whose memory is used up.</summary>
public sealed class RedisFullTests : IAsyncLifetime
{
    private const string Queue = JobQueues.MessageDelivery;

    private RedisServer? _redis;
    private ConnectionMultiplexer? _connection;
    private WebApplication? _gateway;
    private HttpClient? _client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IServer Server => _connection!.GetServer(_redis!.Host, _redis.Port);

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartLocalAsync();
        _connection = await _redis.ConnectAsync();
        _gateway = GatewayApp.Create([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(
            [
                new("REDIS_HOST", _redis.Host), new("REDIS_PORT", $"{_redis.Port}"), new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:9"),
                new("NightlyCleanup:Enabled", "false"),
            ]);
        });
        await _gateway.StartAsync(Cancellation);
        _client = new HttpClient { BaseAddress = new Uri(_gateway.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_gateway is not null)
        {
            await _gateway.StopAsync(CancellationToken.None);
            await _gateway.DisposeAsync();
        }

        await (_connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Adding_is_refused_by_name__health_says_so__and_what_makes_room_works_and_is_on_record()
    {
        foreach (var id in new[] { "removed", "cancelled", "cleaned" })
        {
            await PostAsync($"/queue/{Queue}/jobs", 202, GatewayHost.Message(id));
        }

        await PostAsync($"/queue/{Queue}/schedules", 201, $$"""{"id":"s","cron":"0 2 1 1 *","job":{{GatewayHost.Message()}}}""");
        await PostAsync($"/queue/{Queue}/jobs/cleaned/cancel", 200);
        await Eventually.TrueAsync(async () => (await Scrape.ReadAsync(_client!)).Find("whitecross_store_memory_ratio") == 0); // No limit.
        await Server.ConfigSetAsync("maxmemory", "1");

        foreach (var (path, body) in new[] { ("jobs", GatewayHost.Message("more")), ("jobs/bulk", $$"""{"jobs":[{{GatewayHost.Message("more")}}]}"""), ("schedules", $$"""{"id":"t","cron":"0 2 1 1 *","job":{{GatewayHost.Message()}}}""") })
        {
            var refused = await PostAsync($"/queue/{Queue}/{path}", 503, body);
            Assert.Equal(("urn:whitecross:problem:job-store-full", "none"), (refused["type"]!.GetValue<string>(), refused["outcome"]!.GetValue<string>()));
        }

        await Eventually.TrueAsync(async () => (await Scrape.ReadAsync(_client!)).Find("whitecross_store_memory_ratio") > 1, TimeSpan.FromSeconds(60));
        var health = await GetAsync($"/queue/{Queue}/health", 503);
        Assert.Equal(("unhealthy", true, false), (health["status"]!.GetValue<string>(), health["checks"]!["redis"]!.GetValue<bool>(), health["checks"]!["accepting"]!.GetValue<bool>()));
        Assert.Contains("maxmemory", (await GetAsync("/readyz", 200)).ToJsonString(), StringComparison.Ordinal);

        // Each is answered as what it has done.
        Assert.True((await PostAsync($"/queue/{Queue}/pause", 200))["paused"]!.GetValue<bool>());
        Assert.False((await PostAsync($"/queue/{Queue}/resume", 200))["paused"]!.GetValue<bool>());
        await PostAsync($"/queue/{Queue}/jobs/cancelled/cancel", 200);
        await DeleteAsync($"/queue/{Queue}/jobs/removed");
        await DeleteAsync($"/queue/{Queue}/schedules/s");
        Assert.Equal(2, (await PostAsync($"/queue/{Queue}/failed/retry", 200))["retried"]!.GetValue<int>());
        await PostAsync($"/queue/{Queue}/jobs/cleaned/cancel", 200);
        var cancelledAt = await Server.TimeAsync();
        await Eventually.TrueAsync(async () => await Server.TimeAsync() > cancelledAt.AddMilliseconds(2)); // What ended before now is old enough.
        Assert.Equal(1, (await PostAsync($"/queue/{Queue}/clean?grace=0", 200))["removed"]!.GetValue<int>());

        string[] done = ["CleanQueue", "CancelJob", "RetryFailedJobs", "RemoveSchedule", "RemoveJob", "CancelJob", "ResumeQueue", "PauseQueue"];
        await Eventually.TrueAsync(async () =>
        {
            var entries = (await GetAsync("/queue/audit", 200))["entries"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()).Where(action => action is not ("AddJob" or "AddJobs")).ToList();
            return entries.Take(done.Length).SequenceEqual(done);
        });
        Assert.True((await GetAsync("/queue/audit/verify", 200))["isWhole"]!.GetValue<bool>());

        await Server.ConfigSetAsync("maxmemory", "0");
        await PostAsync($"/queue/{Queue}/jobs", 202, GatewayHost.Message("more"));
        Assert.True((await GetAsync($"/queue/{Queue}/health", null))["checks"]!["accepting"]!.GetValue<bool>());
    }

    private async Task<JsonNode> PostAsync(string path, int status, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _client!.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
        var said = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True((int)answer.StatusCode == status, $"{path}: {answer.StatusCode} {said}");
        return JsonNode.Parse(said)!;
    }

    private async Task<JsonNode> GetAsync(string path, int? status)
    {
        using var answer = await _client!.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.True(status is null || (int)answer.StatusCode == status, $"{path}: {answer.StatusCode}");
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    private async Task DeleteAsync(string path)
    {
        using var answer = await _client!.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}
