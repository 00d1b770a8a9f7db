using System.Net.Http.Json;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>A consumer id of a namespace puts the namespace before every topic, as daprd does.</summary>
public sealed class NamespacedTopicsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stream_has_the_namespace_before_the_topic_and_the_app_sees_the_topic_alone()
    {
        var deliveries = Channel.CreateUnbounded<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"jobs","topic":"orders","route":"/events","metadata":{"rawPayload":"true"}}]""", "application/json"));
        app.MapPost("/events", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            await deliveries.Writer.WriteAsync(await reader.ReadToEndAsync());
        });
        await app.StartAsync(Cancellation);
        using var folder = new ResourceFolder();
        folder.WithComponent("- { name: redisHost, value: \"localhost:6379\" }\n- { name: consumerID, value: \"{namespace}\" }");
        var broker = new EmbeddedBroker(TimeProvider.System);
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "orders",
                AppPort = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port,
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [folder.Path],
                Environment = new ResourceEnvironment { Variable = name => name == "NAMESPACE" ? "prod" : null },
                Broker = broker,
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);

        using var client = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var published = await client.PostAsJsonAsync("/v1.0/publish/jobs/orders", new { a = 1 }, Cancellation);
        var delivered = await deliveries.Reader.ReadAsync(Cancellation);

        Assert.Equal((1, 0), (broker.Length("prodorders"), broker.Length("orders")));
        Assert.Contains("\"topic\":\"orders\"", delivered, StringComparison.Ordinal);
    }
}
