using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Gateway.Tests;

/// <summary>What webhooks are told of alerts, when, and how often.</summary>
public sealed class AlertTests : IAsyncDisposable
{
    private const string Queue = "message-delivery";
    private const string Secret = "a-secret-of-at-least-20-chars";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryVersionedStore<StoredAlert> _alerts = new(GatewayStores.Alerts);
    private readonly List<GatewayHost> _gateways = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_alert_is_told_when_it_is_raised_and_when_it_is_resolved()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var gateway = await StartAsync(receiver);
        await gateway.FailAsync(Queue, "broken");

        var raised = await AdvanceUntilPostAsync(receiver);
        await gateway.Store.RetryAsync(Queue, null, Cancellation);
        var resolved = await AdvanceUntilPostAsync(receiver);

        var (first, second) = (JsonNode.Parse(raised.Body)!, JsonNode.Parse(resolved.Body)!);
        Assert.Equal(["at", "id", "kind", "queue", "since", "state", "threshold", "value"], first.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("failed", Queue, "raised", 1, 0), (Text(first, "kind"), Text(first, "queue"), Text(first, "state"), first["value"]!.GetValue<double>(), first["threshold"]!.GetValue<double>()));
        Assert.Equal(("resolved", Text(first, "id"), Text(first, "since")), (Text(second, "state"), Text(second, "id"), Text(second, "since")));
        Assert.True(second["at"]!.GetValue<DateTimeOffset>() - first["at"]!.GetValue<DateTimeOffset>() >= TimeSpan.FromMinutes(1), "It was resolved before its cause had been gone for a minute.");
        Assert.NotEqual(raised.DeliveryId, resolved.DeliveryId);
    }

    [Fact]
    public async Task A_failed_post_is_repeated_as_it_was_with_longer_and_longer_waits()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer(500, 503, 302);
        var gateway = await StartAsync(receiver);
        await gateway.FailAsync(Queue, "broken");
        var posts = new List<Post>();
        foreach (var delay in new[] { 10.0, 20, 40 })
        {
            posts.Add(await AdvanceUntilPostAsync(receiver));

            // The clock stands until the failure is on record. A fifth of jitter either way.
            await EventuallyAsync(async () => await DeliveryAsync() is { } one
                && one.Attempts == posts.Count && (one.NextAttemptAt - _time.GetUtcNow()).TotalSeconds is var wait && wait >= 0.8 * delay && wait <= 1.2 * delay);
        }

        posts.Add(await AdvanceUntilPostAsync(receiver));
        Assert.Single(posts.Select(post => (post.DeliveryId, post.Body)).Distinct());
        Assert.Equal(4, posts.Select(post => post.Signature).Distinct().Count()); // The time is signed.
        await EventuallyAsync(async () => await DeliveryAsync() is null);
        await LookAsync(20);
        Assert.Equal(0, receiver.Unread);
    }

    [Fact]
    public async Task A_post_is_given_up_after_so_many_attempts()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer(500, 500, 500, 500);
        var gateway = await StartAsync(receiver, ("Alerts:MaxAttempts", "2"));
        await gateway.FailAsync(Queue, "broken");

        await AdvanceUntilPostAsync(receiver);
        await AdvanceUntilPostAsync(receiver);
        await EventuallyAsync(async () => (await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(Queue, "failed"), Cancellation))!.Deliveries.Count == 0);
        await LookAsync(20);

        Assert.Equal(0, receiver.Unread);
    }

    [Fact]
    public async Task Two_gateways_and_one_that_comes_later_tell_it_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var (first, second) = (await StartAsync(receiver), await StartAsync(receiver));
        await first.FailAsync(Queue, "broken");
        await second.FailAsync(Queue, "broken");

        await AdvanceUntilPostAsync(receiver);
        await LookAsync(5);
        var third = await StartAsync(receiver);
        await third.FailAsync(Queue, "broken");
        await LookAsync(5);

        Assert.Equal(0, receiver.Unread);
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_told()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var gateway = await StartAsync(receiver, ("Alerts:Webhooks:0:Kinds:0", "paused"));
        await gateway.FailAsync(Queue, "broken");
        await gateway.Store.PauseAsync("message-indexing", Cancellation);

        var post = JsonNode.Parse((await AdvanceUntilPostAsync(receiver)).Body)!;
        await LookAsync(3);

        Assert.Equal(("paused", "message-indexing"), (Text(post, "kind"), Text(post, "queue")));
        Assert.Equal(0, receiver.Unread);
    }

    [Fact]
    public async Task The_documented_receiver_takes_what_is_signed_and_nothing_else()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Secret + "\n", Cancellation);
        await using var receiver = await WebhookReceiver.StartAsync();
        var gateway = await StartAsync(receiver, ("Alerts:Webhooks:0:Secret", string.Empty), ("Alerts:Webhooks:0:SecretFile", file));
        await gateway.FailAsync(Queue, "broken");
        var post = await AdvanceUntilPostAsync(receiver);
        File.Delete(file);

        Assert.True(await IsTakenAsync(post.Body, post.Signature, Secret));
        Assert.False(await IsTakenAsync(post.Body + " ", post.Signature, Secret));
        Assert.False(await IsTakenAsync(post.Body, post.Signature, Secret + "x"));
        Assert.False(await IsTakenAsync(post.Body, Regex.Replace(post.Signature, "t=[0-9]+", "t=1"), Secret));
    }

    [Theory]
    [InlineData("Alerts:Webhooks:0:Url", "http://example.org/confidential")]
    [InlineData("Alerts:Webhooks:0:Url", "")]
    [InlineData("Alerts:Webhooks:0:Secret", "short-confidential")]
    [InlineData("Alerts:Webhooks:0:SecretFile", "/nowhere/at/all")]
    [InlineData("Alerts:Webhooks:0:Kinds", "faild", ":0")]
    [InlineData("Alerts:MaxAttempts", "0")]
    [InlineData("Alerts:BackoffDelay", "00:00:00")]
    [InlineData("Alerts:ClearAfter", "02:00:00")]
    public async Task A_wrong_setting_fails_the_start_by_name_and_shows_no_secret(string name, string value, string suffix = "")
    {
        var settings = new Dictionary<string, string> { ["Alerts:Webhooks:0:Url"] = "https://example.org/confidential", ["Alerts:Webhooks:0:Secret"] = Secret };
        settings[name + suffix] = value;
        if (name.EndsWith("SecretFile", StringComparison.Ordinal))
        {
            settings.Remove("Alerts:Webhooks:0:Secret");
        }

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayHost.StartAsync(null, [.. settings.Select(setting => (setting.Key, setting.Value))]));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("confidential", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failure.Message, StringComparison.Ordinal);
    }

    private async Task<AlertDelivery?> DeliveryAsync() => (await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(Queue, "failed"), Cancellation))?.Deliveries.SingleOrDefault();

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    /// <summary>Runs the check of docs/operations.md as it stands there.</summary>
    private async Task<bool> IsTakenAsync(string body, string signature, string secret)
    {
        var documentation = await File.ReadAllTextAsync(Path.Combine(BuiltProjects.Repository, "docs", "operations.md"), Cancellation);
        var code = Regex.Match(documentation, "```python\n(?<code>[^`]*is_from_gateway[^`]*)```").Groups["code"].Value;
        Assert.NotEmpty(code);
        var now = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"{code}\nimport sys\nprint(is_from_gateway(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2], float(sys.argv[3])))");
        start.ArgumentList.Add(signature);
        start.ArgumentList.Add(secret);
        start.ArgumentList.Add(now);
        using var python = Process.Start(start)!;
        await python.StandardInput.WriteAsync(body.AsMemory(), Cancellation);
        python.StandardInput.Close();
        var answer = await python.StandardOutput.ReadToEndAsync(Cancellation);
        await python.WaitForExitAsync(Cancellation);
        Assert.Equal(0, python.ExitCode);
        return answer.Trim() == "True";
    }

    private async Task<GatewayHost> StartAsync(WebhookReceiver receiver, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Alerts:Webhooks:0:Url"] = receiver.Url,
            ["Alerts:Webhooks:0:Secret"] = Secret,
            ["Dashboard:AlertFailed"] = "0",
            ["Dashboard:AlertFailureRate"] = "1",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var gateway = await GatewayHost.StartAsync(
            null, _time, services => services.AddSingleton<IVersionedStore<StoredAlert>>(_alerts), [.. all.Select(setting => (setting.Key, setting.Value))]);
        _gateways.Add(gateway);
        return gateway;
    }

    /// <summary>Lets time pass, look by look, until something is posted.</summary>
    private async Task<Post> AdvanceUntilPostAsync(WebhookReceiver receiver)
    {
        await EventuallyAsync(() =>
        {
            if (receiver.Unread > 0)
            {
                return Task.FromResult(true);
            }

            _time.Advance(Look);
            return Task.FromResult(false);
        });
        return await receiver.NextAsync();
    }

    /// <summary>Lets so many looks go by, each with time to do its work.</summary>
    private async Task LookAsync(int looks)
    {
        for (var i = 0; i < looks; i++)
        {
            _time.Advance(Look);
            await Scrape.ReadAsync(_gateways[^1].Client);
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
