using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests;

/// <summary>The system as it is deployed: every service and every sidecar a process of its own, as dapr.yaml says.</summary>
public sealed class SeparateProcessesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_sent_by_HTTP_is_delivered_and_survives_the_death_of_service_and_sidecar()
    {
        await using var redis = await RedisServer.StartLocalAsync();
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions { Redis = redis.EndPoint, Apps = ["queue-gateway", "message-delivery"], Environment = Environment() }, Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        var recipient = Guid.NewGuid();
        await CompletedAsync(gateway, await AddAsync(gateway, recipient));

        var delivery = system.App("message-delivery");
        await Task.WhenAll(delivery.Service.KillAsync(), delivery.Sidecar.KillAsync());
        var jobId = await AddAsync(gateway, recipient);
        delivery.Service.Start();
        delivery.Sidecar.Start();
        await CompletedAsync(gateway, jobId);

        var exitCode = await delivery.Service.TerminateAsync(Cancellation);
        Assert.True(exitCode == 0, $"Exit code {exitCode}:\n{delivery.Service.LastOutput()}");
    }

    // Production wants a signing key for its users' tokens.
    private static Dictionary<string, string> Environment() => new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" };

    private static async Task<string> AddAsync(HttpClient gateway, Guid recipient)
    {
        using var answer = await gateway.PostAsJsonAsync(
            "/queue/message-delivery/jobs",
            new
            {
                type = "send-message",
                data = new { messageId = Guid.NewGuid(), senderId = Guid.NewGuid(), recipientId = recipient, conversationId = Guid.NewGuid(), content = "hello" },
            },
            Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!.GetValue<string>();
    }

    private static async Task CompletedAsync(HttpClient gateway, string jobId)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await gateway.GetFromJsonAsync<JsonObject>($"/queue/message-delivery/jobs/{jobId}", limit.Token))!["state"]!.GetValue<string>() != "completed")
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
