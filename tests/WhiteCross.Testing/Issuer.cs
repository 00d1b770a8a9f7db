using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Testing;

/// <summary>An OIDC issuer: its metadata, its public key, and tokens, which it signs itself.</summary>
public sealed class Issuer : IAsyncDisposable
{
    private const string KeyId = "one";

    private readonly RSA _rsa;
    private readonly WebApplication _app;

    private Issuer(WebApplication app, TestParty party) => (_app, _rsa) = (app, TestKeys.Of(party));

    /// <summary>Its address, which its tokens are issued by.</summary>
    public string Name => _app.Urls.First();

    /// <summary>Starts one on a port of its own.</summary>
    /// <param name="party">Whose key it signs with.</param>
    public static async Task<Issuer> StartAsync(TestParty party = TestParty.Issuer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new Issuer(app, party);
        var key = issuer._rsa.ExportParameters(includePrivateParameters: false);
        var (modulus, exponent) = (Base64Url.EncodeToString(key.Modulus), Base64Url.EncodeToString(key.Exponent));
        app.MapGet("/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{issuer.Name}}","jwks_uri":"{{issuer.Name}}/keys"}""", "application/json"));
        app.MapGet("/keys", () => Results.Text($$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{KeyId}}","n":"{{modulus}}","e":"{{exponent}}"}]}""", "application/json"));
        await app.StartAsync(CancellationToken.None);
        return issuer;
    }

    /// <summary>A signed token.</summary>
    /// <param name="subject">Whom it is for; null: it does not say.</param>
    /// <param name="audience">Which service it is for.</param>
    /// <param name="expiresIn">When it ends, from now; it holds from ten minutes before that. Five minutes by default.</param>
    /// <param name="namesItsKey">Whether its header says which key it is signed with.</param>
    /// <param name="issuerName">Who it says has issued it; by default the one who has.</param>
    /// <param name="claims">What else it says.</param>
    public string Token(string? subject, string audience, TimeSpan? expiresIn = null, bool namesItsKey = true, string? issuerName = null, params (string Name, object Value)[] claims)
    {
        var expires = TimeProvider.System.GetUtcNow() + (expiresIn ?? TimeSpan.FromMinutes(5));
        var begins = (expires - TimeSpan.FromMinutes(10)).ToUnixTimeSeconds();
        var payload = claims.ToDictionary(claim => claim.Name, claim => claim.Value);
        (payload["iss"], payload["aud"], payload["nbf"], payload["iat"], payload["exp"]) = (issuerName ?? Name, audience, begins, begins, expires.ToUnixTimeSeconds());
        if (subject is not null)
        {
            payload["sub"] = subject;
        }

        var header = new Dictionary<string, object> { ["alg"] = "RS256", ["typ"] = "JWT" };
        if (namesItsKey)
        {
            header["kid"] = KeyId;
        }

        var signed = $"{Part(header)}.{Part(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(_rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }

    private static string Part(Dictionary<string, object> json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
