using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using WhiteCross.Deploy.Tests.Monitoring;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Local;

[assembly: AssemblyFixture(typeof(RunningSystem))]

namespace WhiteCross.Deploy.Tests.Monitoring;

/// <summary>The whole system in memory, after a job that completed and one that failed, and what it showed to Prometheus then.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    private const string Queue = "message-delivery";
    private const string QueueGauge = "whitecross_queue_jobs";

    private DirectoryInfo? _data;
    private LocalSystem? _system;

    internal Exposition Scraped { get; } = new();

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        _data = Directory.CreateTempSubdirectory("whitecross-");
        _system = await LocalSystem.StartAsync(
            new LocalOptions
            {
                Port = 0,
                SidecarHttpPort = 0,
                SidecarGrpcPort = 0,
                DataDirectory = _data.FullName,
                ComponentsDirectory = Repository.PathOf("components"),
                ConfigureService = (_, builder) => builder.Logging.ClearProviders(),
            },
            patience.Token);
        using var gateway = new HttpClient { BaseAddress = _system.GatewayAddress };
        await AddAsync(gateway, Guid.NewGuid().ToString(), patience.Token);
        await WaitForEndAsync(gateway, patience.Token);
        await ScrapeAsync(gateway, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _data?.Delete(recursive: true);
    }

    private static async Task AddAsync(HttpClient gateway, string messageId, CancellationToken cancellationToken)
    {
        var data = new JsonObject
        {
            ["messageId"] = messageId,
            ["senderId"] = Guid.NewGuid().ToString(),
            ["recipientId"] = Guid.NewGuid().ToString(),
            ["conversationId"] = Guid.NewGuid().ToString(),
            ["content"] = "hello",
        };
        using var answer = await gateway.PostAsJsonAsync($"/queue/{Queue}/jobs", new JsonObject { ["type"] = "send-message", ["data"] = data }, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task WaitForEndAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var metrics = await gateway.GetFromJsonAsync<JsonObject>(new Uri($"/queue/{Queue}/metrics", UriKind.Relative), cancellationToken);
            if (metrics!["completedTotal"]!.GetValue<int>() > 0)
            {
                return;
            }
        }
    }

    /// <summary>Scrapes until the gateway has looked at all queues, which it does from time to time.</summary>
    private async Task ScrapeAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            Scraped.Add(await gateway.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken));
        }
        while (!JobQueues.All.All(queue => Scraped.Has(QueueGauge) && Scraped.HasValue(QueueGauge, "messaging_destination_name", queue.Name))
            && await timer.WaitForNextTickAsync(cancellationToken));
    }
}
