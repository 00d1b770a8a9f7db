using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>State requests that Dapr refuses, or reads in its own way.</summary>
public sealed class StrangeStateRequestsTests : IAsyncLifetime
{
    private readonly ResourceFolder _folder = new();
    private SidecarHost? _sidecar;
    private HttpClient? _client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _folder.With("state.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: store }
            spec:
              type: state.redis
              version: v1
              metadata:
              - { name: redisHost, value: "localhost:6379" }
            """);
        _sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = "strange",
                DaprHttpPort = 0,
                DaprGrpcPort = 0,
                ResourcesPaths = [_folder.Path],
                Broker = new EmbeddedBroker(TimeProvider.System),
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);
        _client = new HttpClient { BaseAddress = _sidecar.HttpEndpoint };
    }

    [Theory]
    [InlineData("", "[5]")]
    [InlineData("", "[null]")]
    [InlineData("", """{"key":"a"}""")]
    [InlineData("", """[{"key":5,"value":1}]""")]
    [InlineData("/bulk", """{"keys":[5]}""")]
    [InlineData("/bulk", """{"keys":"a"}""")]
    [InlineData("/transaction", """{"operations":[{"operation":"upsert","request":5}]}""")]
    [InlineData("/transaction", """{"operations":[5]}""")]
    public async Task What_is_no_state_request_is_refused_by_name(string path, string body)
    {
        using var answer = await PostAsync(path, Encoding.UTF8.GetBytes(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("ERR_MALFORMED_REQUEST", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("Upsert")]
    [InlineData("")]
    public async Task An_unknown_operation_has_a_code_of_its_own(string operation)
    {
        using var answer = await PostAsync("/transaction", Encoding.UTF8.GetBytes($$$"""{"operations":[{"operation":"{{{operation}}}","request":{"key":"a"}}]}"""));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("ERR_NOT_SUPPORTED_STATE_OPERATION", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_of_the_address_counts_for_every_item()
    {
        using var refused = await PostAsync("?metadata.ttlInSeconds=x", """[{"key":"a","value":1}]"""u8.ToArray());
        using var taken = await PostAsync("?metadata.ttlInSeconds=60", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"x"}}]"""u8.ToArray());

        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.NoContent), (refused.StatusCode, taken.StatusCode));
    }

    [Theory]
    [InlineData("\\ud800", "\uFFFD")]
    [InlineData("\\udc00x", "\uFFFDx")]
    [InlineData("\\ud800\\ud83d\\ude00", "\uFFFD\U0001F600")]
    [InlineData("\\\\ud800", "\\ud800")]
    [InlineData("\\uD83D\\uDE00", "\U0001F600")]
    public async Task Half_a_surrogate_pair_is_read_as_Go_reads_it(string written, string read)
    {
        using var saved = await PostAsync(string.Empty, Encoding.UTF8.GetBytes($$"""[{"key":"{{written}}","value":1}]"""));
        using var found = await _client!.GetAsync(new Uri($"/v1.0/state/store/{Uri.EscapeDataString(read)}", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK), (saved.StatusCode, found.StatusCode));
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_read_as_Go_reads_them_and_of_two_names_the_last_counts()
    {
        using var saved = await PostAsync(string.Empty, [.. """[{"key":"k"""u8, 0xFF, .. "\",\"value\":1,\"metadata\":{\"ttlInSeconds\":\"x\",\"ttlInSeconds\":\"60\"}}]"u8]);
        using var found = await _client!.GetAsync(new Uri($"/v1.0/state/store/{Uri.EscapeDataString("k\uFFFD")}", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK), (saved.StatusCode, found.StatusCode));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await (_sidecar?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    private Task<HttpResponseMessage> PostAsync(string path, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return _client!.PostAsync(new Uri($"/v1.0/state/store{path}", UriKind.Relative), content, Cancellation);
    }
}
