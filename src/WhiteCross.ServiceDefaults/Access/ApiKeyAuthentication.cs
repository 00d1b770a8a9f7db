using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>Knows callers by an API key: in <c>X-Api-Key</c>, or as the password of basic authentication, which a browser asks for by itself.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logger, UrlEncoder encoder, KnownKeys keys, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string QueuesClaim = "queues";
    private const string Header = "X-Api-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (GivenKey() is not { } given)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (keys.Find(given) is not { } known)
        {
            return Task.FromResult(AuthenticateResult.Fail("The API key is not known."));
        }

        if (known.Expires <= time.GetUtcNow())
        {
            return Task.FromResult(AuthenticateResult.Fail("The API key has expired."));
        }

        var identity = new ClaimsIdentity(
            [new("sub", known.Name), new("roles", known.Role), .. known.Queues.Select(queue => new Claim(QueuesClaim, queue))], SchemeName, "sub", "roles");
        var properties = new AuthenticationProperties { ExpiresUtc = known.Expires };
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), properties, SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;

        // Asks a browser that opens the dashboard for a key; the user name is not looked at.
        Response.Headers.WWWAuthenticate = "Basic realm=\"White Cross queues: any user name, an API key as the password\", charset=\"UTF-8\"";
        return Task.CompletedTask;
    }

    private string? GivenKey()
    {
        if (Request.Headers[Header] is [{ Length: > 0 } key])
        {
            return key;
        }

        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is null)
        {
            return null;
        }

        var bytes = new byte[header.Parameter.Length];
        return Convert.TryFromBase64String(header.Parameter, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var pair
            && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? pair[(colon + 1)..]
            : null;
    }
}

/// <summary>The keys of the settings, as digests: made once, not at every request.</summary>
internal sealed class KnownKeys(IOptions<AccessOptions> access)
{
    private readonly Lazy<(byte[] Digest, ApiKeyOptions Key)[]> _keys = new(() => [.. access.Value.ApiKeys.Select(key => (key.Digest(), key))]);

    public ApiKeyOptions? Find(string given)
    {
        // Digests have one length: how long the comparison takes says nothing of the key.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(given), digest);
        ApiKeyOptions? found = null;
        foreach (var (known, key) in _keys.Value)
        {
            found = CryptographicOperations.FixedTimeEquals(digest, known) ? key : found;
        }

        return found;
    }
}
