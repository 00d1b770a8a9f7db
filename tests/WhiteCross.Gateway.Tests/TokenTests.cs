using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
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

        Assert.Equal(expected, await SendAsync(issuer, method, Delivery + path, issuer.Token(role)));
    }

    [Fact]
    public async Task A_token_of_another_key_audience_issuer_or_time_does_not_let_in()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var other = await Issuer.StartAsync(TestParty.OtherIssuer);
        string[] wrong =
        [
            other.Token("admin", issuerName: issuer.Name),
            issuer.Token("admin", audience: "another-service"),
            issuer.Token("admin", issuerName: "https://login.example.org"),
            issuer.Token("admin", expiresIn: TimeSpan.FromHours(-1)),
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
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", issuer.Token("admin"));

        using var paused = await gateway.PostAsync($"{Delivery}/pause");

        var entry = (await gateway.GetAsync("/queue/audit")).Body!["entries"]![0]!;
        Assert.Equal(("somebody", "PauseQueue"), (entry["who"]!.GetValue<string>(), entry["action"]!.GetValue<string>()));
    }

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

    /// <summary>An OIDC issuer: its metadata, its public key, and tokens.</summary>
    private sealed class Issuer : IAsyncDisposable
    {
        private readonly RSA _rsa;
        private readonly WebApplication _app;
        private readonly RsaSecurityKey _key;

        private Issuer(WebApplication app, TestParty party)
        {
            _app = app;
            _rsa = TestKeys.Of(party);
            // Kept by the key, what signs would be that of an issuer before, which is gone.
            _key = new RsaSecurityKey(_rsa) { KeyId = "one", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        }

        public string Name => _app.Urls.First();

        public static async Task<Issuer> StartAsync(TestParty party = TestParty.Issuer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var issuer = new Issuer(app, party);
            var key = issuer._rsa.ExportParameters(includePrivateParameters: false);
            var (modulus, exponent) = (Base64UrlEncoder.Encode(key.Modulus!), Base64UrlEncoder.Encode(key.Exponent!));
            app.MapGet("/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{issuer.Name}}","jwks_uri":"{{issuer.Name}}/keys"}""", "application/json"));
            app.MapGet("/keys", () => Results.Text($$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"one","n":"{{modulus}}","e":"{{exponent}}"}]}""", "application/json"));
            await app.StartAsync(Cancellation);
            return issuer;
        }

        public string Token(string? role, string audience = Audience, string? issuerName = null, TimeSpan? expiresIn = null)
        {
            var expires = TimeProvider.System.GetUtcNow() + (expiresIn ?? TimeSpan.FromMinutes(5));
            var claims = new Dictionary<string, object> { ["sub"] = "somebody" };
            if (role is not null)
            {
                claims["roles"] = new[] { role };
            }

            return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = issuerName ?? Name,
                Audience = audience,
                Claims = claims,
                NotBefore = (expires - TimeSpan.FromMinutes(10)).UtcDateTime,
                IssuedAt = (expires - TimeSpan.FromMinutes(10)).UtcDateTime,
                Expires = expires.UtcDateTime,
                SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
            });
        }

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _rsa.Dispose();
        }
    }
}
