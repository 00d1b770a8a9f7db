using System.Net.Http.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Sidecar.Tests.Hosting;

public sealed class TraceContextTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    public async Task A_delivery_carries_the_publishers_trace_when_tracing_is_on(string samplingRate, bool isTraced)
    {
        var deliveries = Channel.CreateUnbounded<(string? TraceParent, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/events"}]""", "application/json"));
        app.MapPost("/events", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            var header = request.Headers.TraceParent;
            await deliveries.Writer.WriteAsync((header.Count == 0 ? null : header.ToString(), await reader.ReadToEndAsync()));
        });
        await app.StartAsync(Cancellation);
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        var folder = Directory.CreateTempSubdirectory("traces-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "pubsub.yaml"),
            "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec:\n  type: pubsub.redis\n  version: v1\n  metadata:\n  - { name: redisHost, value: \"localhost:6379\" }\n",
            Cancellation);
        var config = Path.Combine(Directory.CreateTempSubdirectory("traces-").FullName, "config.yaml");
        await File.WriteAllTextAsync(
            config,
            $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {{ name: c }}\nspec:\n  tracing: {{ samplingRate: \"{samplingRate}\" }}\n",
            Cancellation);
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "traced",
                AppPort = port,
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [folder.FullName],
                ConfigFile = config,
                Broker = new EmbeddedBroker(TimeProvider.System),
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);

        using var client = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        client.DefaultRequestHeaders.Add("traceparent", Parent);
        using var published = await client.PostAsJsonAsync("/v1.0/publish/pubsub/t", new { a = 1 }, Cancellation);
        var (traceParent, body) = await deliveries.Reader.ReadAsync(Cancellation);

        Assert.Contains(Parent, body, StringComparison.Ordinal);
        if (isTraced)
        {
            Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", traceParent, StringComparison.Ordinal);
            Assert.NotEqual(Parent, traceParent);
        }
        else
        {
            Assert.Null(traceParent);
        }

        folder.Delete(recursive: true);
        Directory.Delete(Path.GetDirectoryName(config)!, recursive: true);
    }
}
