using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Requests that nobody would send, to everything that takes some.</summary>
public abstract class RandomRequestsTests(SystemFixture fixture) : IDisposable
{
    private readonly HttpClient _gateway = new() { BaseAddress = fixture.System.GatewayAddress };
    private readonly HttpClient _sidecar = new() { BaseAddress = fixture.System.SidecarAddress };

    [Fact]
    public async Task Whatever_is_sent_the_gateway_answers_without_a_server_error_and_the_sidecar_as_Dapr_does()
    {
        string[] pieces = ["\\ud800", "\0", "\"", "{", "}", "[", "]", "null", "1e999", "-1", ",", ":", "\"jobIds\":5", "é"];
        string[] seeds =
        [
            Jobs.SendMessage(Guid.NewGuid()).ToJsonString(), """{"jobs":[{"type":"send-message","data":{}}]}""", """{"jobIds":["a"],"errorCode":"timeout"}""",
            """[{"entryId":"1","event":{"a":1},"contentType":"application/json"}]""", """[{"key":"k","value":{"a":1},"etag":"1","options":{"consistency":"strong"}}]""",
            """{"keys":["a","b"],"parallelism":2}""", """{"operations":[{"operation":"upsert","request":{"key":"k","value":1}}],"metadata":{}}""",
        ];

        (bool IsGateway, string Method, string Path)[] targets =
        [
            (true, "POST", "/queue/message-delivery/jobs"), (true, "POST", "/queue/nothing/jobs"), (true, "POST", "/queue/message-delivery/jobs/bulk"),
            (true, "POST", "/queue/message-delivery/failed/retry"), (true, "GET", "/queue/message-delivery/jobs?state=x&limit=0&cursor=%FF"),
            (true, "GET", "/queue/message-delivery/jobs/%00"), (true, "POST", "/queue/message-delivery/jobs/%C3%28/cancel"), (true, "DELETE", "/queue/message-delivery/jobs/no"),
            (true, "PUT", "/queue/message-delivery/schedules/nightly"), (true, "PATCH", "/queue/message-delivery/jobs/no"), (true, "GET", "/queue/message-delivery/jobs?q=%"),
            (false, "POST", "/v1.0/publish/jobs/message-delivery"), (false, "POST", "/v1.0/publish/nothing/a"), (false, "POST", "/v1.0/publish/jobs/"),
            (false, "POST", "/v1.0/publish/bulk/jobs/message-delivery"), (false, "POST", "/v1.0/state/statestore"), (false, "POST", "/v1.0/state/nothing"),
            (false, "POST", "/v1.0/state/statestore/bulk"), (false, "POST", "/v1.0/state/statestore/transaction"), (false, "POST", "/v1.0/invoke/nobody/method/a"),
            (false, "PUT", "/v1.0/metadata/a"), (false, "GET", "/v1.0/secrets/nothing/a"), (false, "POST", "/v1.0/workflows/dapr/none/start"),
        ];

        var change = Gen.Select(Gen.Int[0, 300], Gen.Int[0, 12], Gen.OneOf(Gen.Int[0, pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(pieces[i])), Gen.Byte.Array[0, 4]));
        await Gen.Select(Gen.Int[0, targets.Length - 1], Gen.Int[0, seeds.Length - 1], change.Array[0, 3]).SampleAsync(
            async (target, seed, changes) =>
            {
                var bytes = Encoding.UTF8.GetBytes(seeds[seed]).ToList();
                foreach (var (at, removed, added) in changes)
                {
                    var start = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(start, Math.Min(removed, bytes.Count - start));
                    bytes.InsertRange(start, added);
                }

                var (isGateway, method, path) = targets[target];
                using var answer = await Jobs.SendAsync(isGateway ? _gateway : _sidecar, new HttpMethod(method), path, [.. bytes]);
                if ((int)answer.StatusCode >= 500)
                {
                    // Dapr has a few of its own, each with its code.
                    var said = await answer.Content.ReadAsStringAsync(Jobs.Cancellation);
                    Assert.True(!isGateway && JsonNode.Parse(said)?["errorCode"] is not null, $"{answer.StatusCode} for {method} {path} {Convert.ToHexString([.. bytes])}: {said}");
                }
            },
            iter: RandomCases.Count(1_000),
            threads: 1);

        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, Jobs.SendMessage(Guid.NewGuid())), "completed");
        using var healthy = await _sidecar.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), Jobs.Cancellation);
        Assert.True(healthy.IsSuccessStatusCode);
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _sidecar.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedRandomRequestsTests(EmbeddedSystem system) : RandomRequestsTests(system), IClassFixture<EmbeddedSystem>;

/// <summary>On Redis.</summary>
public sealed class RedisRandomRequestsTests(RedisSystem system) : RandomRequestsTests(system), IClassFixture<RedisSystem>;
