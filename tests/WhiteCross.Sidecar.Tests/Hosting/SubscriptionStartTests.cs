using System.Net.Http.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Tests.Resources;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Hosting;

public sealed class SubscriptionStartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Broker_is_away_when_the_app_comes_up__the_subscription_starts_once_it_is_back()
    {
        await using var redis = await RedisServer.StartLocalAsync();
        using var resources = new ResourceFolder().WithComponent($"- {{ name: redisHost, value: \"{redis.EndPoint}\" }}");
        var (port, attempts, events) = (FreePorts.Take(), new FailedAttempts(), Channel.CreateUnbounded<string>());
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "late",
                AppPort = port,
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [resources.Path],
                ConfigureLogging = logging => logging.ClearProviders().AddProvider(attempts),
            },
            Cancellation);
        await redis.KillAsync();
        await using var app = CreateApp(port, events.Writer);
        await app.StartAsync(Cancellation);
        await attempts.First.WaitAsync(Cancellation);
        Assert.False(sidecar.Ready.IsCompleted);

        await redis.RestartAsync();
        await sidecar.Ready.WaitAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var published = await client.PostAsJsonAsync("/v1.0/publish/jobs/t", new { a = 1 }, Cancellation);

        Assert.Contains("\"a\":1", await events.Reader.ReadAsync(Cancellation), StringComparison.Ordinal);
    }

    private static WebApplication CreateApp(int port, ChannelWriter<string> events)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"jobs","topic":"t","route":"/events"}]""", "application/json"));
        app.MapPost("/events", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            await events.WriteAsync(await reader.ReadToEndAsync());
        });
        return app;
    }

    /// <summary>Completes with the first attempt to subscribe that failed.</summary>
    private sealed class FailedAttempts : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task First => _first.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("subscribing failed", StringComparison.Ordinal))
            {
                _first.TrySetResult();
            }
        }

        public void Dispose()
        {
        }
    }
}
