using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Local;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>How much anybody may ask, and how long what they are known by holds.</summary>
public sealed class LimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_guesses_keys_is_not_listened_to_and_the_log_says_from_where()
    {
        await using var system = await GuardedSystem.StartAsync([.. Keys(), ("Access:FailuresPerMinute", "5")]);
        var statuses = new List<int>();
        for (var i = 0; i < 40; i++)
        {
            statuses.Add(await AskAsync(system, "/queue/metrics", $"a-wrong-key-number-{i:D5}", Setups.Elsewhere));
        }

        // A minute may end in between, and then as many are listened to once more.
        Assert.InRange(statuses.Count(status => status == 401), 5, 10);
        Assert.Equal(429, statuses[4..].Max());
        Assert.Equal(200, await AskAsync(system, "/queue/metrics", Setups.KeyOf(AccessRoles.Viewer), "203.0.113.99"));
        Assert.Contains(system.Logs.Lines, line => line.Contains("wrong or expired key", StringComparison.Ordinal) && line.Contains(Setups.Elsewhere, StringComparison.Ordinal));
        Assert.DoesNotContain(system.Logs.Lines, line => line.Contains("a-wrong-key-number", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_user_and_one_address_may_ask_so_much_in_a_second_and_others_do_not_notice()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(
            ("Authentication:Authority", issuer.Name), ("Authentication:Audience", Setups.UserAudience), ("Access:RequestsPerSecondOfUser", "3"), ("Access:RequestsPerSecondOfAddress", "20"));
        var path = $"/users/{Setups.UserA}/messages";
        async Task<List<HttpStatusCode>> ManyAsync(int count, Func<int, string?> tokenOf, string address)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.AddressOf("message-delivery"), path));
                new CallerOfTest("some") { Address = address, Bearer = tokenOf(i) }.Prepare(request, string.Empty);
                using var answer = await system.Client.SendAsync(request, Cancellation);
                return answer.StatusCode;
            }));
            return [.. answers];
        }

        var tokenA = issuer.Token(Setups.UserA.ToString(), Setups.UserAudience);

        // How many come in a second is the machine's to say: as often as it takes.
        List<HttpStatusCode> ofNobody = [];
        await Eventually.TrueAsync(async () => (await ManyAsync(15, _ => tokenA, "203.0.113.1")).Contains(HttpStatusCode.TooManyRequests));
        var ofAnother = await ManyAsync(1, _ => issuer.Token(Setups.UserB.ToString(), Setups.UserAudience), "203.0.113.3");
        await Eventually.TrueAsync(async () =>
        {
            ofNobody.AddRange(await ManyAsync(80, _ => null, "203.0.113.2"));
            return ofNobody.Contains(HttpStatusCode.TooManyRequests);
        });


        Assert.Equal([HttpStatusCode.Forbidden], ofAnother);
        Assert.Contains(HttpStatusCode.Unauthorized, ofNobody);
    }

    [Fact]
    public async Task One_caller_has_so_many_streams_open_and_may_open_another_when_it_closes_one()
    {
        await using var system = await GuardedSystem.StartAsync([.. Keys(), ("Access:StreamsOfCaller", "2")]);
        var first = await OpenAsync(system, Setups.KeyOf(AccessRoles.Viewer));
        var second = await OpenAsync(system, Setups.KeyOf(AccessRoles.Viewer));
        using var third = await OpenAsync(system, Setups.KeyOf(AccessRoles.Viewer));
        using var others = await OpenAsync(system, Setups.KeyOf(AccessRoles.Operator));

        Assert.Equal([200, 200, 429, 200], new[] { first, second, third, others }.Select(answer => (int)answer.StatusCode));
        first.Dispose();
        second.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using var again = await OpenAsync(system, Setups.KeyOf(AccessRoles.Viewer));
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_stream_and_a_hub_connection_end_with_their_token()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(Setups.SettingsOf("all", issuer));
        var lives = TimeSpan.FromSeconds(8); // Both must be open by then, on a slow machine too.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.AddressOf("queue-gateway"), "/queue/events"));
        new CallerOfTest("viewer") { Bearer = issuer.Token("somebody", Setups.AccessAudience, lives, claims: ("roles", new[] { AccessRoles.Viewer })) }.Prepare(request, string.Empty);
        using var stream = await system.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(system.AddressOf("queue-gateway"), "/hubs/messages"), options =>
                options.AccessTokenProvider = () => Task.FromResult<string?>(issuer.Token(Setups.UserA.ToString(), Setups.UserAudience, lives)))
            .Build();
        var closed = new TaskCompletionSource();
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        await closed.Task.WaitAsync(Patience, Cancellation);
        await using var body = await stream.Content.ReadAsStreamAsync(Cancellation);
        using var reader = new StreamReader(body);
        while (await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation) is not null)
        {
        }
    }

    [Fact]
    public async Task An_identity_provider_that_is_away_is_no_refusal()
    {
        var issuer = await Issuer.StartAsync();
        var token = issuer.Token("somebody", Setups.AccessAudience, claims: ("roles", new[] { AccessRoles.Viewer }));
        var settings = Setups.SettingsOf("all", issuer);
        await issuer.DisposeAsync();
        await using var system = await GuardedSystem.StartAsync(settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.AddressOf("queue-gateway"), "/queue/metrics"));
        new CallerOfTest("viewer") { Bearer = token }.Prepare(request, string.Empty);
        using var answer = await system.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("identity-provider-away", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(200, await AskAsync(system, "/queue/metrics", Setups.KeyOf(AccessRoles.Viewer), Setups.Elsewhere));
    }

    [Fact]
    public async Task A_key_may_be_kept_as_its_hash_and_may_expire()
    {
        const string Key = "a-key-that-nobody-can-read-in-the-settings";
        await using var system = await GuardedSystem.StartAsync(
            ("Access:ApiKeys:0:Name", "hashed"),
            ("Access:ApiKeys:0:Sha256", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))),
            ("Access:ApiKeys:1:Name", "old"),
            ("Access:ApiKeys:1:Key", "a-key-that-was-good-once-upon-a-time"),
            ("Access:ApiKeys:1:Expires", "2020-01-01T00:00:00Z"));

        Assert.Equal(200, await AskAsync(system, "/queue/metrics", Key, Setups.Elsewhere));
        Assert.Equal(401, await AskAsync(system, "/queue/metrics", "a-key-that-was-good-once-upon-a-time", Setups.Elsewhere));
    }

    [Fact]
    public async Task A_publisher_adds_to_its_queue_reads_its_own_and_an_autoscaler_reads_numbers()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(Setups.SettingsOf("keys only", issuer));
        var (publisher, scaler, chief) = (Setups.KeyOf(AccessRoles.Publisher), Setups.KeyOf(AccessRoles.Metrics), Setups.KeyOf(AccessRoles.Admin));
        var job = $$"""
            { "jobId": "mine", "type": "send-message", "data": { "messageId": "{{Guid.NewGuid()}}", "senderId": "{{Guid.NewGuid()}}", "recipientId": "{{Guid.NewGuid()}}", "conversationId": "{{Guid.NewGuid()}}", "content": "hello" } }
            """;
        const string Jobs = "/queue/message-delivery/jobs";

        Assert.Equal(202, await AskAsync(system, Jobs, publisher, Setups.Elsewhere, job));
        Assert.Equal(202, await AskAsync(system, Jobs, chief, Setups.Elsewhere, job.Replace("mine", "theirs", StringComparison.Ordinal)));
        Assert.Equal(200, await AskAsync(system, $"{Jobs}/mine", publisher, Setups.Elsewhere));
        Assert.Equal(404, await AskAsync(system, $"{Jobs}/theirs", publisher, Setups.Elsewhere));
        Assert.Equal(404, await AskAsync(system, $"{Jobs}/theirs/events", publisher, Setups.Elsewhere));
        Assert.Equal(403, await AskAsync(system, Jobs, publisher, Setups.Elsewhere));
        Assert.Equal(403, await AskAsync(system, "/queue/message-notification/jobs", publisher, Setups.Elsewhere, job));
        Assert.Equal(403, await AskAsync(system, $"{Jobs}/mine/reveal?reason=x", publisher, Setups.Elsewhere, "{}"));
        Assert.Equal(200, await AskAsync(system, "/queue/message-delivery/metrics", scaler, Setups.Elsewhere));
        Assert.Equal(403, await AskAsync(system, $"{Jobs}/mine", scaler, Setups.Elsewhere));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.AddressOf("queue-gateway"), $"{Jobs}/mine"));
        request.Headers.Add("X-Api-Key", chief);
        using var record = await system.Client.SendAsync(request, Cancellation);
        Assert.Contains("\"addedBy\":\"the-publisher\"", await record.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clean_up_that_deletes_is_an_admins_and_so_is_a_schedule_of_it()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(Setups.SettingsOf("keys only", issuer));
        var (op, chief) = (Setups.KeyOf(AccessRoles.Operator), Setups.KeyOf(AccessRoles.Admin));
        const string Cleanup = "/queue/message-cleanup";
        const string Real = """{"data":{"cleanupType":"old_messages","retentionDays":3000}}""";
        const string Dry = """{"data":{"cleanupType":"old_messages","retentionDays":3000,"dryRun":true}}""";
        const string NotDry = """{"data":{"cleanupType":"old_messages","retentionDays":3000,"dryRun":false}}""";

        foreach (var (body, path, key, expected) in new[]
        {
            (Real, "/jobs", op, 403), (NotDry, "/jobs", op, 403), (Dry, "/jobs", op, 202), (Real, "/jobs", chief, 202),
            ($$"""{ "jobs": [ {{Dry}}, {{Real}} ] }""", "/jobs/bulk", op, 403), ($$"""{ "jobs": [ {{Dry}} ] }""", "/jobs/bulk", op, 202),
            ($$"""{ "id": "mine", "every": 3600000, "job": {{Real}} }""", "/schedules", op, 403), ($$"""{ "id": "mine", "every": 3600000, "job": {{Dry}} }""", "/schedules", op, 201),
            ($$"""{ "id": "chiefs", "every": 3600000, "job": {{Real}} }""", "/schedules", chief, 201), ("{}", "/schedules/chiefs/run", op, 403), ("{}", "/schedules/mine/run", op, 202),
        })
        {
            Assert.Equal((body, path, expected), (body, path, await AskAsync(system, Cleanup + path, key, Setups.Elsewhere, body)));
        }
    }

    [Fact]
    public async Task A_preview_of_a_batch_shows_what_messages_say_and_is_an_operators()
    {
        await using var system = await GuardedSystem.StartAsync(Keys());
        var batch = $$"""{ "senderId": "{{Guid.NewGuid()}}", "recipientIds": ["{{Setups.UserA}}"], "content": "hello" }""";

        Assert.Equal(403, await AskAsync(system, "/batches/preview", Setups.KeyOf(AccessRoles.Viewer), Setups.Elsewhere, batch));
        Assert.Equal(200, await AskAsync(system, "/batches/preview", Setups.KeyOf(AccessRoles.Operator), Setups.Elsewhere, batch));
        Assert.Equal(404, await AskAsync(system, $"/batches/{Guid.NewGuid()}", Setups.KeyOf(AccessRoles.Viewer), Setups.Elsewhere));
    }

    [Fact]
    public async Task Believing_everybody_is_for_development_only_and_told_at_every_start()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => GuardedSystem.StartAsync((UserAuthentication.InsecureSetting, "true")));
        Assert.Contains(UserAuthentication.InsecureSetting, refusal.ToString(), StringComparison.Ordinal);

        await using var system = await GuardedSystem.StartInAsync(Environments.Development, (UserAuthentication.InsecureSetting, "true"));
        Assert.Contains(system.Logs.Lines, line => line.Contains("Warning", StringComparison.Ordinal) && line.Contains(UserAuthentication.InsecureSetting, StringComparison.Ordinal));
    }

    private static (string, string?)[] Keys() =>
    [
        ("Access:ApiKeys:0:Name", "v"), ("Access:ApiKeys:0:Key", Setups.KeyOf(AccessRoles.Viewer)), ("Access:ApiKeys:0:Role", "viewer"),
        ("Access:ApiKeys:1:Name", "o"), ("Access:ApiKeys:1:Key", Setups.KeyOf(AccessRoles.Operator)), ("Access:ApiKeys:1:Role", "operator"),
    ];

    private static async Task<int> AskAsync(GuardedSystem system, string path, string key, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(system.AddressOf("queue-gateway"), path));
        request.Content = body is null or "{}" ? null : new StringContent(body, Encoding.UTF8, "application/json");
        new CallerOfTest("some") { Address = address, ApiKey = key }.Prepare(request, string.Empty);
        using var answer = await system.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return (int)answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> OpenAsync(GuardedSystem system, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.AddressOf("queue-gateway"), "/queue/events"));
        request.Headers.Add("X-Api-Key", key);
        return await system.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
