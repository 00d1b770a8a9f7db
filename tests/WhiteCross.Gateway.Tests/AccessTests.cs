using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>Who gets in, what they may do, how often, and what of it is written down.</summary>
public sealed class AccessTests
{
    private const string Delivery = "/queue/message-delivery";
    private const string ViewerKey = "viewer-key-of-20-chars";
    private const string OperatorKey = "operator-key-of-20-chars";
    private const string AdminKey = "admin-key-of-20-characters";

    private static readonly (string, string)[] Keys =
    [
        .. Key(0, "ward-screen", ViewerKey, "viewer"), .. Key(1, "night-shift", OperatorKey, "operator"), .. Key(2, "root", AdminKey, "admin"),
    ];

    private static readonly (HttpStatusCode, TimeSpan?)[] Possible = [(HttpStatusCode.OK, null), (HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/metrics", null, 401)]
    [InlineData("GET", "/metrics", "some-other-key-of-20-chars", 401)]
    [InlineData("GET", "/metrics", ViewerKey, 200)]
    [InlineData("POST", "/pause", ViewerKey, 403)]
    [InlineData("POST", "/pause", OperatorKey, 200)]
    [InlineData("POST", "/failed/retry", ViewerKey, 403)]
    [InlineData("POST", "/failed/retry", OperatorKey, 200)]
    [InlineData("POST", "/clean", OperatorKey, 403)]
    [InlineData("POST", "/clean", AdminKey, 200)]
    [InlineData("DELETE", "/jobs/x", OperatorKey, 403)]
    [InlineData("DELETE", "/jobs/x", AdminKey, 404)]
    [InlineData("POST", "/jobs", ViewerKey, 403)]
    [InlineData("POST", "/jobs", OperatorKey, 202)]
    public async Task A_key_lets_in_for_what_its_role_may_do(string method, string path, string? key, int expected)
    {
        await using var gateway = await GatewayHost.StartAsync(null, Keys);
        using var request = new HttpRequestMessage(new HttpMethod(method), Delivery + path);
        request.Content = path == "/jobs" ? new StringContent(GatewayHost.Message(), Encoding.UTF8, "application/json") : null;
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected >= 400)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task A_browser_is_asked_for_a_key_and_may_give_it_as_a_password()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Keys);

        using var asked = await gateway.Client.GetAsync(new Uri("/queue/metrics", UriKind.Relative), Cancellation);
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{ViewerKey}")));
        using var given = await gateway.Client.GetAsync(new Uri("/queue/metrics", UriKind.Relative), Cancellation);

        Assert.Equal("Basic", asked.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(HttpStatusCode.OK, given.StatusCode);
    }

    [Fact]
    public async Task What_operators_do_is_written_down_with_how_many()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Keys);
        gateway.Client.DefaultRequestHeaders.Add("X-Api-Key", AdminKey);
        await gateway.FailAsync("message-delivery", "a");
        await gateway.FailAsync("message-delivery", "b");

        using var retried = await gateway.PostAsync($"{Delivery}/failed/retry");
        using var refused = await gateway.Client.DeleteAsync(new Uri($"{Delivery}/jobs/a?reason={new string('x', 201)}", UriKind.Relative), Cancellation);
        using var removed = await gateway.Client.DeleteAsync(new Uri($"{Delivery}/jobs/a?reason=%20sent%20by%20post", UriKind.Relative), Cancellation);
        using var missing = await gateway.Client.DeleteAsync(new Uri($"{Delivery}/jobs/nobody", UriKind.Relative), Cancellation);

        var entries = (await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray().Where(entry => (string)entry!["action"]! != "AddJob").ToList();
        Assert.Equal(["RemoveJob", "RetryFailedJobs"], entries.Select(entry => entry!["action"]!.GetValue<string>()));
        Assert.All(entries, entry => Assert.Equal(("root", "message-delivery"), (entry!["who"]!.GetValue<string>(), entry["queue"]!.GetValue<string>())));
        Assert.Equal(2, entries[1]!["count"]!.GetValue<int>());
        Assert.Equal(("a", "sent by post"), (entries[0]!["target"]!.GetValue<string>(), entries[0]!["reason"]!.GetValue<string>()));
        Assert.Null(entries[1]!["reason"]);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task The_audit_log_is_for_admins()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Keys);
        gateway.Client.DefaultRequestHeaders.Add("X-Api-Key", OperatorKey);

        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.GetAsync("/queue/audit")).Status);
    }

    [Fact]
    public async Task Without_keys_this_machine_may_do_everything()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var cleaned = await gateway.PostAsync($"{Delivery}/clean");

        Assert.Equal(HttpStatusCode.OK, cleaned.StatusCode);
        Assert.Equal("local", (await gateway.GetAsync("/queue/audit")).Body!["entries"]![0]!["who"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("cross-site", 403)]
    [InlineData("same-site", 403)]
    [InlineData("same-origin", 200)]
    [InlineData("none", 200)]
    public async Task A_page_of_another_site_changes_nothing(string site, int expected)
    {
        await using var gateway = await GatewayHost.StartAsync();
        gateway.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);

        using var answer = await gateway.PostAsync($"{Delivery}/pause");

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Too_many_requests_are_put_off_with_a_time_to_wait()
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("Access:RequestsPerSecond", "3"));

        // How many come in a second is the machine's to say: so many at once that some come too soon.
        var answers = new List<(HttpStatusCode Status, TimeSpan? Wait)>();
        await Eventually.TrueAsync(async () =>
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            {
                using var answer = await gateway.Client.GetAsync(new Uri("/queue/metrics", UriKind.Relative), Cancellation);
                return (answer.StatusCode, answer.Headers.RetryAfter?.Delta);
            })));
            return answers.Exists(answer => answer.Status == HttpStatusCode.TooManyRequests);
        });

        Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 3, int.MaxValue);
        Assert.All(answers, answer => Assert.Contains(answer, Possible));
    }

    [Theory]
    [InlineData("Access:ApiKeys:0:Key", "short")]
    [InlineData("Access:ApiKeys:0:Role", "boss")]
    [InlineData("Access:ApiKeys:1:Name", "ward-screen")]
    [InlineData("Access:Authority", "http://login.example.org")]
    [InlineData("Access:RequestsPerSecond", "0")]
    public async Task A_wrong_setting_fails_the_start_by_name_and_shows_no_key(string name, string value)
    {
        var settings = Keys.ToDictionary(key => key.Item1, key => key.Item2);
        settings[name] = value;

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayHost.StartAsync(null, [.. settings.Select(setting => (setting.Key, setting.Value))]));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(AdminKey, failure.Message, StringComparison.Ordinal);
    }

    private static (string, string)[] Key(int index, string name, string key, string role) =>
        [($"Access:ApiKeys:{index}:Name", name), ($"Access:ApiKeys:{index}:Key", key), ($"Access:ApiKeys:{index}:Role", role)];
}
