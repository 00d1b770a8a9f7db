using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace WhiteCross.Gateway;

/// <summary>Knows callers by an API key: in <c>X-Api-Key</c>, or as the password of basic authentication, which a browser asks for by itself.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logger, UrlEncoder encoder, IOptions<AccessOptions> access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Header = "X-Api-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (GivenKey() is not { } given)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // Digests have one length: how long the comparison takes says nothing of the key.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var known = access.Value.ApiKeys.FirstOrDefault(key => CryptographicOperations.FixedTimeEquals(digest, SHA256.HashData(Encoding.UTF8.GetBytes(key.Key))));
        if (known is null)
        {
            return Task.FromResult(AuthenticateResult.Fail("The API key is not known."));
        }

        var identity = new ClaimsIdentity([new("sub", known.Name), new("roles", known.Role)], SchemeName, "sub", "roles");
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
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
