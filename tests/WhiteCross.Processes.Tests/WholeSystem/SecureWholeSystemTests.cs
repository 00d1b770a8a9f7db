using System.Net;
using System.Net.Http.Json;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.WholeSystem;

/// <summary>The same with everything locked that can be, and that the locks are.</summary>
public sealed class SecureWholeSystemTests(SecureSystem system) : WholeSystemTests(system), IClassFixture<SecureSystem>
{
    private readonly SecureSystem _system = system;

    [Fact]
    public async Task Nobody_gets_in_without_key_or_token()
    {
        using var anonymous = _system.Processes.ClientOf("queue-gateway");
        using var add = await anonymous.PostAsJsonAsync("/queue/message-delivery/jobs", Envelope("send-message", Message()), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, add.StatusCode);

        using var sidecar = new HttpClient { BaseAddress = _system.Processes.App("queue-gateway").SidecarAddress };
        using var publish = await sidecar.PostAsJsonAsync("/v1.0/publish/jobs/message-delivery", Envelope("send-message", Message()), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, publish.StatusCode);

        using var service = _system.Processes.ClientOf("message-delivery");
        using var deliver = await service.PostAsJsonAsync("/internal/messages/reencrypt", new { batchSize = 1 }, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, deliver.StatusCode);
    }

    [Fact]
    public async Task The_rights_in_the_handbook_are_enough_also_for_what_operators_do()
    {
        var id = await AddAsync(_system.Gateway, "message-indexing", Envelope("index-message", new() { ["messageId"] = NewId(), ["operation"] = "delete" }));
        await CompletedAsync(_system.Gateway, "message-indexing", id);
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, "/queue/message-indexing/pause"), (HttpMethod.Post, "/queue/message-indexing/resume"), (HttpMethod.Post, "/queue/message-indexing/clean?grace=0"),
            (HttpMethod.Post, "/queue/message-indexing/failed/retry"), (HttpMethod.Get, "/queue/metrics"), (HttpMethod.Get, "/queue/health"), (HttpMethod.Get, "/queue/audit"),
            (HttpMethod.Get, "/queue/message-cleanup/schedules"), (HttpMethod.Get, "/queue/message-indexing/jobs"),
        })
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            using var answer = await _system.Gateway.SendAsync(request, Cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode}");
        }

        Assert.Empty(await _system.ReadRefusalsAsync());
    }
}
