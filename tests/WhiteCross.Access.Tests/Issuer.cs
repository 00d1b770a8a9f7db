using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>An OIDC issuer: its metadata, its public key, and tokens.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    private readonly RSA _rsa = TestKeys.Of(TestParty.Issuer);
    private readonly WebApplication _app;
    private readonly RsaSecurityKey _key;

    private Issuer(WebApplication app)
    {
        _app = app;
        // Kept by the key, what signs would be that of an issuer before, which is gone.
        _key = new RsaSecurityKey(_rsa) { KeyId = "one", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
    }

    public string Name => _app.Urls.First();

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new Issuer(app);
        var key = issuer._rsa.ExportParameters(includePrivateParameters: false);
        var (modulus, exponent) = (Base64UrlEncoder.Encode(key.Modulus!), Base64UrlEncoder.Encode(key.Exponent!));
        app.MapGet("/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{issuer.Name}}","jwks_uri":"{{issuer.Name}}/keys"}""", "application/json"));
        app.MapGet("/keys", () => Results.Text($$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"one","n":"{{modulus}}","e":"{{exponent}}"}]}""", "application/json"));
        await app.StartAsync(CancellationToken.None);
        return issuer;
    }

    public string Token(string? subject, string audience, TimeSpan? expiresIn = null, bool namesItsKey = true, params (string, object)[] claims)
    {
        var expires = TimeProvider.System.GetUtcNow() + (expiresIn ?? TimeSpan.FromMinutes(5));
        var all = claims.ToDictionary(claim => claim.Item1, claim => claim.Item2);
        if (subject is not null)
        {
            all["sub"] = subject;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = audience,
            Claims = all,
            NotBefore = (expires - TimeSpan.FromMinutes(10)).UtcDateTime,
            IssuedAt = (expires - TimeSpan.FromMinutes(10)).UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = new SigningCredentials(namesItsKey ? _key : new RsaSecurityKey(_rsa) { CryptoProviderFactory = _key.CryptoProviderFactory }, SecurityAlgorithms.RsaSha256),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }
}
