using System.Net.Http.Headers;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>Bearer tokens of an OIDC issuer let in for what their roles may do, and nothing that is not the issuer's.</summary>
public sealed class TokenTests
{
    private const string Audience = "whitecross-queues";
    private const string Delivery = "/queue/message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/metrics", "viewer", 200)]
    [InlineData("POST", "/pause", "viewer", 403)]
    [InlineData("POST", "/jobs", "viewer", 403)]
    [InlineData("POST", "/pause", "operator", 200)]
    [InlineData("POST", "/jobs", "operator", 202)]
    [InlineData("POST", "/failed/retry", "operator", 200)]
    [InlineData("POST", "/clean", "operator", 403)]
    [InlineData("DELETE", "/jobs/x", "operator", 403)]
    [InlineData("POST", "/clean", "admin", 200)]
    [InlineData("DELETE", "/jobs/x", "admin", 404)]
    [InlineData("GET", "/metrics", "nurse", 403)]
    [InlineData("GET", "/metrics", null, 403)]
    public async Task A_token_lets_in_for_what_its_role_may_do(string method, string path, string? role, int expected)
    {
        await using var issuer = await Issuer.StartAsync();

        Assert.Equal(expected, await SendAsync(issuer, method, Delivery + path, TokenOf(issuer, role)));
    }

    [Fact]
    public async Task A_token_of_another_key_audience_issuer_or_time_does_not_let_in()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var other = await Issuer.StartAsync(TestParty.OtherIssuer);
        string[] wrong =
        [
            TokenOf(other, "admin", issuerName: issuer.Name),
            TokenOf(issuer, "admin", audience: "another-service"),
            TokenOf(issuer, "admin", issuerName: "https://login.example.org"),
            TokenOf(issuer, "admin", expiresIn: TimeSpan.FromHours(-1)),
            Unsigned(issuer),
            "no.token.atall",
        ];

        foreach (var token in wrong)
        {
            Assert.Equal(401, await SendAsync(issuer, "GET", Delivery + "/metrics", token));
        }

        Assert.Equal(401, await SendAsync(issuer, "GET", Delivery + "/metrics", token: null));
    }

    [Fact]
    public async Task What_a_bearer_does_is_written_down_under_the_subject()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(null, ("Access:Authority", issuer.Name), ("Access:Audience", Audience));
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(issuer, "admin"));

        using var paused = await gateway.PostAsync($"{Delivery}/pause");

        var entry = (await gateway.GetAsync("/queue/audit")).Body!["entries"]![0]!;
        Assert.Equal(("somebody", "PauseQueue"), (entry["who"]!.GetValue<string>(), entry["action"]!.GetValue<string>()));
    }

    private static string TokenOf(Issuer issuer, string? role, string audience = Audience, TimeSpan? expiresIn = null, string? issuerName = null) =>
        issuer.Token("somebody", audience, expiresIn, issuerName: issuerName, claims: role is null ? [] : [("roles", new[] { role })]);

    private static string Unsigned(Issuer issuer)
    {
        static string Part(string json) => Base64UrlEncoder.Encode(json);
        return $"{Part("""{"alg":"none"}""")}.{Part($$"""{"iss":"{{issuer.Name}}","aud":"{{Audience}}","exp":4102444800,"roles":"admin"}""")}.";
    }

    private static async Task<int> SendAsync(Issuer issuer, string method, string path, string? token)
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("Access:Authority", issuer.Name), ("Access:Audience", Audience));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = path.EndsWith("/jobs", StringComparison.Ordinal) ? new StringContent(GatewayHost.Message(), Encoding.UTF8, "application/json") : null;
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await gateway.Client.SendAsync(request, Cancellation);
        return (int)answer.StatusCode;
    }
}
