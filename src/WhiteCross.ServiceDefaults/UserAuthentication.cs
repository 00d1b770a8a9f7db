using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Who the user behind a request is. With <c>Authentication:Authority</c> set (or any authentication scheme registered by the host), the user is the
/// <c>sub</c> claim, a uuid, and nobody gets in without one. Without it, the development default, the request says who it is with the query parameter
/// <c>userId</c>, and nobody checks: a service set up like this must not be reachable from outside.
/// </summary>
public static class UserAuthentication
{
    /// <summary>The issuer of access tokens, an https address: its keys are read from its discovery document.</summary>
    public const string AuthoritySetting = "Authentication:Authority";

    /// <summary>The audience that tokens must name; required with an authority.</summary>
    public const string AudienceSetting = "Authentication:Audience";

    /// <summary>The query parameter that names the user where no authentication is configured.</summary>
    public const string UserParameter = "userId";

    /// <summary>Adds authentication by bearer token where an authority is configured, and authorization.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplicationBuilder AddUserAuthentication(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.AddKnownSection("Authentication", "Authority", "Audience");
        builder.Services.AddAuthorization();
        var authentication = builder.Services.AddAuthentication();
        var authority = builder.Configuration[AuthoritySetting];
        if (string.IsNullOrWhiteSpace(authority))
        {
            return builder;
        }

        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback))
        {
            throw new SettingsException($"{AuthoritySetting} must be an absolute https address; http is taken for localhost only.");
        }

        var audience = builder.Configuration[AudienceSetting];
        if (string.IsNullOrWhiteSpace(audience))
        {
            throw new SettingsException($"{AudienceSetting} must be set when {AuthoritySetting} is: without it tokens meant for other services would be taken.");
        }

        authentication.AddJwtBearer(options =>
        {
            options.Authority = authority;
            options.Audience = audience;
            options.RequireHttpsMetadata = !uri.IsLoopback;
            options.MapInboundClaims = false;
            options.Events = new JwtBearerEvents
            {
                // Browsers cannot send headers with a web socket or with server-sent events.
                OnMessageReceived = context =>
                {
                    if (context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
                        && context.Request.Query["access_token"] is [{ Length: > 0 } token])
                    {
                        context.Token = token;
                    }

                    return Task.CompletedTask;
                },
            };
        });
        return builder;
    }

    /// <summary>Whether the host authenticates users.</summary>
    /// <param name="services">The application's services.</param>
    public static bool AuthenticatesUsers(this IServiceProvider services) =>
        services.GetRequiredService<IOptions<AuthenticationOptions>>().Value.Schemes.Any();

    /// <summary>Demands an authenticated user of these endpoints, where the host authenticates users.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="services">The application's services.</param>
    /// <returns>The endpoints.</returns>
    public static TBuilder RequireUser<TBuilder>(this TBuilder endpoints, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder =>
        services.AuthenticatesUsers() ? endpoints.RequireAuthorization() : endpoints;

    /// <summary>Finds the user behind a request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The user's id; or null with an error when what was given is no uuid; or null twice when nothing was given.</returns>
    public static (Guid? UserId, string? Error) FindUser(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        if (context.RequestServices.AuthenticatesUsers())
        {
            var subject = context.User.FindFirstValue("sub") ?? context.User.FindFirstValue(ClaimTypes.NameIdentifier);
            return subject is null ? (null, null)
                : Guid.TryParseExact(subject, "D", out var id) ? (id, null)
                : (null, "The token's sub claim must be a uuid.");
        }

        return context.Request.Query[UserParameter] switch
        {
            [] => (null, null),
            [{ } text] when Guid.TryParseExact(text, "D", out var id) => (id, null),
            _ => (null, "must be one uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b."),
        };
    }
}
