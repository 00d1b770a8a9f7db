using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dapr.Client;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>The state API as the SDK and plain HTTP use it.</summary>
public sealed class StateConformance(RedisServer redis)
{
    private readonly EmbeddedBroker _broker = new(TimeProvider.System);
    private readonly string _appId = RedisServer.NewName("app");

    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_SDK_saves_reads_and_deletes_with_ETags(string runtime)
    {
        await using var sidecar = await StartAsync(runtime);
        using var client = new DaprClientBuilder().UseGrpcEndpoint(sidecar.Grpc.ToString()).UseHttpEndpoint(sidecar.Http.ToString()).Build();

        Assert.Null(await client.GetStateAsync<string?>("store", "a", cancellationToken: Cancellation));
        await client.SaveStateAsync("store", "a", "one", cancellationToken: Cancellation);
        var (value, etag) = await client.GetStateAndETagAsync<string>("store", "a", cancellationToken: Cancellation);
        Assert.Equal(("one", "1"), (value, etag));

        Assert.True(await client.TrySaveStateAsync("store", "a", "two", etag, cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync("store", "a", "three", etag, cancellationToken: Cancellation));
        Assert.False(await client.TryDeleteStateAsync("store", "a", etag, cancellationToken: Cancellation));
        Assert.Equal("two", await client.GetStateAsync<string>("store", "a", cancellationToken: Cancellation));

        await client.ExecuteStateTransactionAsync(
            "store",
            [
                new StateTransactionRequest("a", null, StateOperationType.Delete),
                new StateTransactionRequest("b", Encoding.UTF8.GetBytes("\"four\""), StateOperationType.Upsert),
            ],
            cancellationToken: Cancellation);
        var bulk = await client.GetBulkStateAsync("store", ["a", "b"], null, cancellationToken: Cancellation);
        Assert.Equal(["a=", "b=\"four\""], bulk.Select(item => $"{item.Key}={item.Value}").Order());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Plain_HTTP_does_the_same_with_Daprs_codes(string runtime)
    {
        await using var sidecar = await StartAsync(runtime);
        using var client = new HttpClient { BaseAddress = sidecar.Http };

        using var missing = await client.GetAsync(new Uri("/v1.0/state/store/a", UriKind.Relative), Cancellation);
        using var saved = await client.PostAsJsonAsync("/v1.0/state/store", new JsonArray(new JsonObject { ["key"] = "a", ["value"] = new JsonObject { ["n"] = 1 } }), Cancellation);
        using var read = await client.GetAsync(new Uri("/v1.0/state/store/a", UriKind.Relative), Cancellation);
        using var stale = await client.PostAsJsonAsync("/v1.0/state/store", new JsonArray(new JsonObject { ["key"] = "a", ["value"] = 2, ["etag"] = "7" }), Cancellation);
        using var invalid = await client.PostAsJsonAsync("/v1.0/state/store", new JsonArray(new JsonObject { ["key"] = "a", ["value"] = 2, ["etag"] = "x" }), Cancellation);
        using var unknown = await client.GetAsync(new Uri("/v1.0/state/nowhere/a", UriKind.Relative), Cancellation);

        Assert.Equal(
            (HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest),
            (missing.StatusCode, saved.StatusCode, read.StatusCode, stale.StatusCode, invalid.StatusCode, unknown.StatusCode));
        Assert.Equal("""{"n":1}""", await read.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("1", read.Headers.NonValidated["ETag"].ToString());
    }

    private Task<IRunningSidecar> StartAsync(string runtime) =>
        DaprRuntimes.StartAsync(runtime, new SidecarSetup { AppId = _appId, HasStateStore = true }, redis.EndPoint, _broker);
}
