using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>What a sidecar asks of its app when it starts.</summary>
public sealed class StartConformance(RedisServer redis)
{
    private readonly EmbeddedBroker _broker = new(TimeProvider.System);
    private readonly string _topic = RedisServer.NewName("topic");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    public static TheoryData<string, string?> Configurations
    {
        get
        {
            var data = new TheoryData<string, string?>();
            foreach (var runtime in DaprRuntimes.All)
            {
                data.Add(runtime, null);
                data.Add(runtime, "{}");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task The_app_is_asked_for_its_configuration_and_its_subscriptions(string runtime, string? configuration)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        app.Configuration = configuration;
        await using var sidecar = await StartAsync(runtime, new SidecarSetup { AppId = "start", AppPort = app.Port, MaxConcurrency = 3 });

        await PublishAsync(sidecar);
        await app.WaitForAsync(1);

        Assert.Equal(["/dapr/config", "/dapr/subscribe"], app.Asked);
        Assert.Equal("/events", app.Calls.Single().Path);
        using var client = new HttpClient { BaseAddress = sidecar.Http };
        Assert.Equal(3, (await client.GetFromJsonAsync<JsonObject>("/v1.0/metadata", Cancellation))!["appConnectionProperties"]!["maxConcurrency"]!.GetValue<int>());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_app_that_breaks_the_first_questions_off_is_asked_again(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        app.BrokenOff = 2;
        await using var sidecar = await StartAsync(runtime, new SidecarSetup { AppId = "start", AppPort = app.Port });

        await PublishAsync(sidecar);
        await app.WaitForAsync(1);

        Assert.Equal("/dapr/subscribe", app.Asked.Last());
        Assert.True(app.Asked.Count > 3);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Questions_that_are_switched_off_are_not_asked(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, new SidecarSetup { AppId = "start", AppPort = app.Port, DisableInitEndpoints = "config" });

        await PublishAsync(sidecar);
        await app.WaitForAsync(1);

        Assert.Equal(["/dapr/subscribe"], app.Asked);
    }

    private async Task PublishAsync(IRunningSidecar sidecar)
    {
        using var client = new HttpClient { BaseAddress = sidecar.Http };
        using var answer = await client.PostAsJsonAsync($"/v1.0/publish/pubsub/{_topic}", new { a = 1 }, Cancellation);
        Assert.Equal(204, (int)answer.StatusCode);
    }

    private async Task<IRunningSidecar> StartAsync(string runtime, SidecarSetup setup)
    {
        var sidecar = await DaprRuntimes.StartAsync(runtime, setup, redis.EndPoint, _broker);
        await Waiting.UntilReadyAsync(sidecar);
        return sidecar;
    }
}
