using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;

namespace WhiteCross.ServiceDefaults;

/// <summary>Access tokens of an OIDC issuer: what is demanded of them is the same for users and for those who operate the queues.</summary>
internal static class BearerTokens
{
    /// <summary>How far two clocks may differ. A token is good for so much longer than it says, and no more.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public static string? Problem(string section, string? authority, string? audience) =>
        string.IsNullOrWhiteSpace(authority) ? null
        : !Uri.TryCreate(authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)
            ? $"{section}:Authority must be an absolute https address; http is taken for localhost only."
        : string.IsNullOrWhiteSpace(audience)
            ? $"{section}:Audience must be set when {section}:Authority is: without it tokens meant for other services would be taken."
        : null;

    public static void Configure(JwtBearerOptions bearer, string authority, string? audience)
    {
        bearer.Authority = authority;
        bearer.Audience = audience;
        bearer.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters.ClockSkew = ClockSkew;
        bearer.TokenValidationParameters.NameClaimType = "sub";
        bearer.TokenValidationParameters.RoleClaimType = "roles";

        // The token says which key it is signed with; trying them all would take one without.
        bearer.TokenValidationParameters.TryAllIssuerSigningKeys = false;
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                // Browsers cannot send headers with a web socket or with server-sent events.
                if (context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
                    && context.Request.Query["access_token"] is [{ Length: > 0 } token])
                {
                    context.Token = token;
                }

                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                if (string.IsNullOrWhiteSpace(context.Principal?.FindFirst("sub")?.Value))
                {
                    context.Fail("The token has no sub claim.");
                }

                return Task.CompletedTask;
            },
            OnChallenge = async context =>
            {
                // Whether the token is good cannot be said without the issuer's keys: that is no refusal, and asking again may help.
                if (context.AuthenticateFailure is not null && await IsAwayAsync(context.Options, context.HttpContext.RequestAborted))
                {
                    context.HandleResponse();
                    context.Response.Headers.RetryAfter = "5";
                    await TypedResults.Problem(
                        "The identity provider does not answer, so that nobody's token can be checked. Try again.",
                        statusCode: StatusCodes.Status503ServiceUnavailable,
                        title: "Identity provider away").ExecuteAsync(context.HttpContext);
                }
            },
        };
    }

    private static async Task<bool> IsAwayAsync(JwtBearerOptions bearer, CancellationToken cancellationToken)
    {
        if (bearer.Configuration is not null || bearer.ConfigurationManager is not { } manager)
        {
            return false;
        }

        try
        {
            await manager.GetConfigurationAsync(cancellationToken);
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            return true;
        }
    }
}
