using System.Net;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>The Configuration's list of APIs, at the sidecar's two doors.</summary>
public sealed class ApiAccessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_allowed_is_not_there_over_HTTP_and_unimplemented_over_gRPC()
    {
        using var folder = new ResourceFolder();
        folder.WithComponent("- { name: redisHost, value: \"localhost:6379\" }").With("config.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: c }
            spec:
              api:
                allowed:
                - { name: publish, version: v1.0, protocol: http }
                - { name: publish, version: v1, protocol: grpc }
            """);
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "orders",
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [folder.Path],
                ConfigFile = Path.Combine(folder.Path, "config.yaml"),
                Broker = new EmbeddedBroker(TimeProvider.System),
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);

        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsync(new Uri("/v1.0/publish/jobs/topic", UriKind.Relative), body, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/v1.0/metadata", UriKind.Relative), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/v1.0/healthz/outbound", UriKind.Relative), Cancellation)).StatusCode);

        using var channel = GrpcChannel.ForAddress(sidecar.GrpcEndpoint);
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);
        await dapr.PublishEventAsync(new PublishEventRequest { PubsubName = "jobs", Topic = "topic" }, cancellationToken: Cancellation);
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetMetadataAsync(new GetMetadataRequest(), cancellationToken: Cancellation));
        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
    }
}
