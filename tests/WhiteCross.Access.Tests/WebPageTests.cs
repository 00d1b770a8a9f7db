namespace WhiteCross.Access.Tests;

/// <summary>What pages and proxies cannot do: call by another name, from another page, with what a form can send, or as if they were this machine.</summary>
public sealed class WebPageTests(OpenSystem fixture) : IClassFixture<OpenSystem>
{
    private const string Pause = "/queue/message-delivery/pause";

    private Uri Gateway => fixture.System.AddressOf("queue-gateway");

    [Theory]
    [InlineData("GET", "/queue/metrics")]
    [InlineData("POST", Pause)]
    [InlineData("GET", "/")]
    [InlineData("GET", "/search?q=x&userId=3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b")]
    [InlineData("GET", "/openapi/v1.json")]
    public async Task A_foreign_host_is_answered_nowhere(string method, string path)
    {
        Assert.Equal(421, await RawRequest.SendAsync(Gateway, method, path, "", ("Host", "rebound.example.org")));
        Assert.Equal(421, await RawRequest.SendAsync(Gateway, method, path, "", ("Host", "10.1.2.3")));
        Assert.Equal(421, await RawRequest.SendAsync(Gateway, method, path, "", ("Host", "localhost.example.org")));
        Assert.InRange(await RawRequest.SendAsync(Gateway, method, path, "", ("Host", $"localhost:{Gateway.Port}")), 200, 299);
        Assert.InRange(await RawRequest.SendAsync(Gateway, method, path, "", ("Host", $"127.0.0.1:{Gateway.Port}")), 200, 299);
        Assert.InRange(await RawRequest.SendAsync(Gateway, method, path, "", ("Host", "Queues.Example.org")), 200, 299);
        Assert.InRange(await RawRequest.SendAsync(Gateway, method, path, "", ("Host", "eu.queues.example.net")), 200, 299);
    }

    [Fact]
    public async Task Every_service_refuses_a_foreign_host_at_every_endpoint_but_the_probes()
    {
        var wrong = new List<string>();
        foreach (var appId in fixture.System.AppIds)
        {
            foreach (var endpoint in fixture.System.EndpointsOf(appId))
            {
                var isProbe = endpoint.RoutePattern.RawText is "/healthz" or "/readyz" or "/metrics";
                var status = await RawRequest.SendAsync(
                    fixture.System.AddressOf(appId), MatrixTests.MethodOf(endpoint), MatrixTests.PathOf(endpoint.RoutePattern), "", ("Host", "rebound.example.org"));
                if (status == 421 == isProbe)
                {
                    wrong.Add($"{appId} {endpoint.RoutePattern.RawText}: {status}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example.org", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost:1", 403)]
    [InlineData("Origin", "{own}", 200)]
    [InlineData("Origin", "https://app.example.org", 200)]
    [InlineData("Referer", "http://evil.example.org/page", 403)]
    [InlineData("Referer", "{own}/queues/message-delivery", 200)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task A_change_comes_from_a_page_of_our_own_or_from_no_page(string header, string value, int expected)
    {
        value = value.Replace("{own}", $"http://{Gateway.Authority}", StringComparison.Ordinal);

        Assert.Equal(expected, await RawRequest.SendAsync(Gateway, "POST", Pause, "", (header, value)));
    }

    [Fact]
    public async Task A_form_of_another_page_changes_nothing_though_its_browser_says_nothing_of_where_it_comes_from()
    {
        Assert.Equal(403, await RawRequest.SendAsync(
            Gateway, "POST", Pause, "", ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://evil.example.org"), ("Authorization", "Basic YTpi")));
        Assert.Equal(415, await RawRequest.SendAsync(Gateway, "POST", "/queue/message-delivery/failed/retry", "{}", ("Content-Type", "text/plain")));
        Assert.Equal(415, await RawRequest.SendAsync(Gateway, "POST", "/queue/message-delivery/failed/retry", "{}"));
        Assert.Equal(415, await RawRequest.SendAsync(Gateway, "POST", "/queue/message-delivery/jobs", "{}", ("Content-Type", "")));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("")]
    public async Task Nothing_but_JSON_is_taken_for_a_delivery(string contentType)
    {
        var delivery = fixture.System.AddressOf("message-delivery");

        Assert.Equal(415, await RawRequest.SendAsync(delivery, "POST", "/deliveries/message-delivery", "{}", ("Content-Type", contentType)));
        Assert.Equal(415, await RawRequest.SendAsync(Gateway, "POST", "/dead-letters/jobs/message-delivery", "{}", ("Content-Type", contentType)));
    }

    [Theory]
    [InlineData("message-delivery")]
    [InlineData("queue-gateway")]
    public async Task A_foreign_page_opens_no_hub(string appId)
    {
        var address = fixture.System.AddressOf(appId);
        Task<int> ConnectAsync(string origin) => RawRequest.SendAsync(
            address,
            "GET",
            $"/hubs/messages?userId={Guid.NewGuid()}",
            "",
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Origin", origin));

        Assert.Equal(403, await ConnectAsync("http://evil.example.org"));
        Assert.Equal(101, await ConnectAsync($"http://{address.Authority}"));
        Assert.Equal(101, await ConnectAsync("https://app.example.org"));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Forwarded-Host", "queues.example.org")]
    public async Task What_a_proxy_passes_on_does_not_come_from_this_machine(string header, string value)
    {
        foreach (var (appId, path) in new[]
        {
            ("queue-gateway", "/queue/metrics"), ("queue-gateway", $"/users/{Setups.UserA}/messages"), ("message-delivery", $"/users/{Setups.UserA}/messages"),
            ("batch-message-sending", $"/batches/{Setups.UserA}"),
        })
        {
            Assert.Equal(403, await RawRequest.SendAsync(fixture.System.AddressOf(appId), "GET", path, "", (header, value)));
        }
    }

    [Fact]
    public async Task Without_a_token_a_sidecar_of_this_machine_is_known_by_its_address_and_a_proxys_client_is_not()
    {
        await using var system = await GuardedSystem.StartAsync(("APP_API_TOKEN", ""));
        var delivery = system.AddressOf("message-delivery");
        Task<int> AskAsync(params (string, string)[] headers) =>
            RawRequest.SendAsync(delivery, "POST", "/internal/messages/reencrypt", "{}", [("Content-Type", "application/json"), .. headers]);

        Assert.Equal(200, await AskAsync());
        Assert.Equal(200, await AskAsync(("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1;by=127.0.0.1;host=somewhere")));
        Assert.Equal(401, await AskAsync(("X-Forwarded-For", "203.0.113.9")));
        Assert.Equal(401, await AskAsync(("X-Forwarded-For", "127.0.0.1, 203.0.113.9")));
        Assert.Equal(401, await AskAsync(("Forwarded", "for=203.0.113.9")));
        Assert.Equal(401, await AskAsync((GuardedSystem.AddressHeader, Setups.Elsewhere)));
    }
}

/// <summary>A system for which nothing is configured but other names and an origin.</summary>
public sealed class OpenSystem : IAsyncLifetime
{
    private GuardedSystem? _system;

    internal GuardedSystem System => _system ?? throw new InvalidOperationException("It has not started.");

    public async ValueTask InitializeAsync() => _system = await GuardedSystem.StartAsync(
        ("Access:Hosts:0", "queues.example.org"), ("Access:Hosts:1", "*.queues.example.net"), ("Access:Origins:0", "https://app.example.org"));

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
    }
}
