using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Tests.Resources;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>What no app may rely on, since daprd does not give it: an order within a bulk, and a goodbye.</summary>
public sealed class UnkindnessTests
{
    private const int Events = 50;

    private readonly int _port = FreePorts.Take();
    private readonly EmbeddedBroker _broker = new(TimeProvider.System);
    private readonly Channel<JsonObject> _deliveries = Channel.CreateUnbounded<JsonObject>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bulk_is_published_and_delivered_whole_and_in_no_order()
    {
        await using var app = await StartAppAsync("""{ "enabled": true, "maxMessagesCount": 50, "maxAwaitDurationMs": 20000 }""", () => Task.CompletedTask);
        await using var sidecar = await StartSidecarAsync(processingTimeout: 60_000);
        await sidecar.Ready.WaitAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        var entries = Enumerable.Range(0, Events).Select(n => new { entryId = $"{n}", @event = new { n }, contentType = "application/json" });
        using var published = await client.PostAsJsonAsync("/v1.0/publish/bulk/jobs/t", entries, Cancellation);
        Assert.Equal(204, (int)published.StatusCode);

        var delivery = await _deliveries.Reader.ReadAsync(Cancellation);

        var order = delivery["entries"]!.AsArray().Select(entry => entry!["event"]!["data"]!["n"]!.GetValue<int>()).ToList();
        Assert.Equal(Enumerable.Range(0, Events), order.Order());
        Assert.NotEqual(Enumerable.Range(0, Events), order);
    }

    [Fact]
    public async Task A_sidecar_that_is_cut_off_waits_for_nothing_and_what_the_app_had_in_hand_is_delivered_again()
    {
        var answer = new TaskCompletionSource();
        await using var app = await StartAppAsync("null", () => answer.Task);
        var first = await StartSidecarAsync(processingTimeout: 200);
        using (var client = new HttpClient { BaseAddress = first.HttpEndpoint })
        {
            using var published = await client.PostAsJsonAsync("/v1.0/publish/jobs/t", new { n = 1 }, Cancellation);
        }

        var id = (await _deliveries.Reader.ReadAsync(Cancellation))["id"]!.GetValue<string>();
        await first.AbortAsync();
        answer.SetResult();

        await using var second = await StartSidecarAsync(processingTimeout: 200);
        Assert.Equal(id, (await _deliveries.Reader.ReadAsync(Cancellation))["id"]!.GetValue<string>());
    }

    private async Task<WebApplication> StartAppAsync(string bulk, Func<Task> handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text($$"""[{ "pubsubname": "jobs", "topic": "t", "route": "/events", "bulkSubscribe": {{bulk}} }]""", "application/json"));
        app.MapPost("/events", async (HttpRequest request) =>
        {
            await _deliveries.Writer.WriteAsync((await JsonNode.ParseAsync(request.Body, cancellationToken: CancellationToken.None))!.AsObject());
            await handle();
        });
        await app.StartAsync(Cancellation);
        return app;
    }

    private async Task<SidecarHost> StartSidecarAsync(int processingTimeout)
    {
        using var resources = new ResourceFolder().WithComponent(
            $$"""
            - { name: redisHost, value: "localhost:6379" }
            - { name: concurrency, value: "100" }
            - { name: processingTimeout, value: "{{processingTimeout}}" }
            - { name: redeliverInterval, value: "50" }
            """);
        return await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "unkind",
                AppPort = _port,
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [resources.Path],
                Broker = _broker,
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);
    }
}
