using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>A Redis that goes and comes back is two lines in the gateway's log, however much wants to work on it meanwhile.</summary>
public sealed class RedisAwayLogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_is_one_line_when_it_begins_and_one_when_it_ends()
    {
        await using var redis = await RedisServer.StartLocalAsync();
        var log = new LogCollector();
        await using var app = GatewayApp.Create([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders().AddProvider(log);
            builder.Configuration.AddInMemoryCollection(
            [
                new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:9"),
                new("REDIS_HOST", redis.Host),
                new("REDIS_PORT", redis.Port.ToString(CultureInfo.InvariantCulture)),
            ]);
            builder.Services.AddSingleton<Rounds>();
            builder.Services.AddHostedService(services => services.GetRequiredService<Rounds>());
        });
        await app.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var rounds = app.Services.GetRequiredService<Rounds>();
        await Eventually.TrueAsync(() => Lines(log, "appendonly").Count == 1, TimeSpan.FromSeconds(60)); // The last that is said at the start.
        var before = Lines(log, string.Empty).Count;

        await redis.KillAsync();
        await Eventually.TrueAsync(() => Lines(log, "is away:").Count == 1, TimeSpan.FromSeconds(60));

        // By three rounds, everything that works by itself has had its turn; requests fail, too.
        var failed = rounds.Failures;
        await Eventually.TrueAsync(async () => await StatusAsync(client) == HttpStatusCode.ServiceUnavailable && rounds.Failures >= failed + 3, TimeSpan.FromSeconds(60));
        await redis.RestartAsync();
        await Eventually.TrueAsync(() => Lines(log, "is back after").Count == 1, TimeSpan.FromSeconds(60));

        var lines = Lines(log, string.Empty).Skip(before).Where(line =>
            !line.Contains("The sidecar", StringComparison.Ordinal)
            && !line.Contains("the heartbeat has been running for", StringComparison.Ordinal) // Kestrel's, on a machine that gives it no time,
            && !line.Contains("has been away for", StringComparison.Ordinal)).ToList(); // where it may also take half a minute.
        Assert.True(lines.Count == 2, string.Join('\n', lines));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/queue/metrics", UriKind.Relative), Cancellation);
        return answer.StatusCode;
    }

    // What a console shows: no scopes.
    private static List<string> Lines(LogCollector log, string text) => [.. log.Lines.Where(line => !line.Contains(" scope ", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))];

    /// <summary>Looks at the queues as often as the gateway's own watch does.</summary>
    private sealed class Rounds(IJobReader jobs, TimeProvider time) : StorePeriodicService(QueueWatch.Period, time)
    {
        private int _failures;

        public int Failures => Volatile.Read(ref _failures);

        protected override async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                await jobs.GetMetricsAsync([JobQueues.MessageDelivery], cancellationToken);
            }
            catch (JobStoreUnavailableException)
            {
                Interlocked.Increment(ref _failures);
                throw;
            }
        }

        protected override void Failed(string what, Exception exception) => throw new InvalidOperationException("It is told elsewhere.", exception);
    }
}
