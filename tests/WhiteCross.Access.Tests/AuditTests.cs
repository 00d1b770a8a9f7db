using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>What is in the audit log: changes, looks at content, refusals, added jobs; who, from where, what was asked, what came of it.</summary>
public sealed class AuditTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_looks_refusals_and_adds_are_in_it_and_it_is_whole()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(Setups.SettingsOf("all", issuer));
        const string Delivery = "/queue/message-delivery";
        var job = $$"""
            { "jobId": "a", "type": "send-message", "options": { "delay": 3600000 }, "data": { "messageId": "{{Guid.NewGuid()}}", "senderId": "{{Guid.NewGuid()}}", "recipientId": "{{Guid.NewGuid()}}", "conversationId": "{{Guid.NewGuid()}}", "content": "hello" } }
            """;

        await AskAsync(system, HttpMethod.Post, $"{Delivery}/jobs", AccessRoles.Publisher, job);
        await AskAsync(system, HttpMethod.Post, $"{Delivery}/pause?reason=a%20flood", AccessRoles.Operator);
        await AskAsync(system, HttpMethod.Post, $"{Delivery}/jobs/a/reveal?reason=a%20complaint", AccessRoles.Operator);
        await AskAsync(system, HttpMethod.Post, $"{Delivery}/clean?grace=5", AccessRoles.Viewer);
        await AskAsync(system, HttpMethod.Post, $"{Delivery}/clean?grace=5", AccessRoles.Admin);
        await AskAsync(system, HttpMethod.Post, $"{Delivery}/clean?grace=5", null);
        await AskAsync(system, HttpMethod.Post, "/queue/message-cleanup/jobs", AccessRoles.Admin, """{ "data": { "cleanupType": "old_messages", "retentionDays": 3000 } }""");

        JsonArray? entries = null;
        await Eventually.TrueAsync(async () =>
        {
            entries = JsonNode.Parse(await AskAsync(system, HttpMethod.Get, "/queue/audit", AccessRoles.Admin))!["entries"]!.AsArray();
            return entries.Count >= 7;
        });

        string Told(string action, string who) => entries!
            .Where(entry => entry!["action"]!.GetValue<string>() == action && entry["who"]!.GetValue<string>() == who)
            .Select(entry => $"{entry!["from"]} {entry["target"]} {entry["asked"]} {entry["outcome"]} {entry["reason"]}")
            .Single();
        Assert.Equal($"{Setups.Elsewhere} a  done ", Told("AddJob", "the-publisher"));
        Assert.Equal($"{Setups.Elsewhere}   done a flood", Told("PauseQueue", "the-operator"));
        Assert.Equal($"{Setups.Elsewhere} a  done a complaint", Told("RevealJob", "the-operator"));
        Assert.Equal($"{Setups.Elsewhere}   refused 403 ", Told("CleanQueue", "the-viewer"));
        Assert.Equal($"{Setups.Elsewhere}  grace=5 done ", Told("CleanQueue", "the-admin"));
        Assert.Equal($"{Setups.Elsewhere}   refused 401 ", Told("CleanQueue", Setups.Elsewhere));
        Assert.Contains("\"retentionDays\":3000", Told("AddJob", "the-admin"), StringComparison.Ordinal);

        var verdict = JsonNode.Parse(await AskAsync(system, HttpMethod.Get, "/queue/audit/verify", AccessRoles.Admin))!;
        Assert.True(verdict["isWhole"]!.GetValue<bool>());
        Assert.Contains(system.Logs.Lines, line => line.Contains("Audit: the-operator", StringComparison.Ordinal) && line.Contains("a complaint", StringComparison.Ordinal));
    }

    private static async Task<string> AskAsync(GuardedSystem system, HttpMethod method, string path, string? role, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(system.AddressOf("queue-gateway"), path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        new CallerOfTest("some") { Address = Setups.Elsewhere, ApiKey = role is null ? null : Setups.KeyOf(role) }.Prepare(request, string.Empty);
        using var answer = await system.Client.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
