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

    [Fact]
    public async Task What_is_denied_is_an_address_that_there_is_not_while_invocation_is_open()
    {
        using var folder = new ResourceFolder();
        folder.With("config.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: c }
            spec:
              api:
                denied: [ { name: metadata, version: v1.0, protocol: http } ]
            """);
        await using var sidecar = await StartAsync(folder, null);

        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var answer = await http.GetAsync(new Uri("/v1.0/metadata", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("ERR_DIRECT_INVOKE", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dapr.proto.runtime.v1.Dapr/GetMetadata")]
    [InlineData("/TaskHubSidecarService/Hello")]
    [InlineData("/no.such.Service/Method")]
    public async Task Every_gRPC_call_needs_the_token(string method)
    {
        using var folder = new ResourceFolder();
        folder.With("config.yaml", "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: { name: c }\n");
        await using var sidecar = await StartAsync(folder, "let-me-in");

        using var http = new HttpClient { BaseAddress = sidecar.GrpcEndpoint, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var message = new ByteArrayContent(new byte[5]);
        message.Headers.ContentType = new("application/grpc");
        using var answer = await http.PostAsync(new Uri(method, UriKind.Relative), message, Cancellation);

        Assert.Equal("16", answer.Headers.Concat(answer.TrailingHeaders).Single(header => header.Key == "grpc-status").Value.Single());
    }

    private static Task<SidecarHost> StartAsync(ResourceFolder folder, string? token) => SidecarHost.StartAsync(
        new SidecarOptions
        {
            AppId = "orders",
            DaprHttpPort = 0,
            DaprGrpcPort = 0,
            ConfigFile = Path.Combine(folder.Path, "config.yaml"),
            ApiToken = token,
            Broker = new EmbeddedBroker(TimeProvider.System),
            ConfigureLogging = logging => logging.ClearProviders(),
        },
        Cancellation);
}
