using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Who the user behind a request is. With <c>Authentication:Authority</c> set (or any authentication scheme registered by the host), the user is the
/// <c>sub</c> claim, a uuid, and nobody gets in without one. Without it, the request says who it is with the query parameter <c>userId</c>, and nobody
/// checks: requests are then taken from this machine only, unless <c>Authentication:Insecure</c> opens the door, in Development.
/// </summary>
public static class UserAuthentication
{
    /// <summary>The issuer of access tokens, an https address: its keys are read from its discovery document.</summary>
    public const string AuthoritySetting = "Authentication:Authority";

    /// <summary>The audience that tokens must name; required with an authority.</summary>
    public const string AudienceSetting = "Authentication:Audience";

    /// <summary><c>true</c> believes everybody from everywhere who they say they are. Refused outside Development, and warned of at every start.</summary>
    public const string InsecureSetting = "Authentication:Insecure";

    /// <summary>The query parameter that names the user where no authentication is configured.</summary>
    public const string UserParameter = "userId";

    /// <summary>Adds authentication by bearer token where an authority is configured, and authorization. Again, it adds nothing.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="SettingsException">A setting is wrong; the message names it.</exception>
    public static WebApplicationBuilder AddUserAuthentication(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        IsInsecure(builder.Configuration, builder.Environment); // Wrong, it is told before anything starts.
        builder.Services.AddAuthorization();
        var authentication = builder.Services.AddAuthentication();
        var authority = builder.Configuration[AuthoritySetting];
        if (string.IsNullOrWhiteSpace(authority) || builder.Services.Any(service => service.ServiceType == typeof(Added)))
        {
            return builder;
        }

        var audience = builder.Configuration[AudienceSetting];
        if (BearerTokens.Problem("Authentication", authority, audience) is { } problem)
        {
            throw new SettingsException(problem);
        }

        builder.Services.AddSingleton<Added>();
        authentication.AddJwtBearer(options => BearerTokens.Configure(options, authority, audience));
        return builder;
    }

    /// <summary>Whether the host authenticates users.</summary>
    /// <param name="services">The application's services.</param>
    public static bool AuthenticatesUsers(this IServiceProvider services) =>
        services.GetRequiredService<IOptions<AuthenticationOptions>>().Value.Schemes.Any(scheme => !AccessSetup.Schemes.Contains(scheme.Name));

    /// <summary>For users, each for what is theirs.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="services">The application's services.</param>
    /// <returns>The endpoints.</returns>
    public static TBuilder RequireUser<TBuilder>(this TBuilder endpoints, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        var users = endpoints.WithDoor(new Door(DoorKind.Users));
        return services.AuthenticatesUsers() ? users.RequireAuthorization() : users.AllowAnonymous();
    }

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

    /// <summary>Whether users' doors are open to others than this machine: somebody says who they are, or is told not to care.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="elsewhere">Whether another service asks them.</param>
    internal static bool OpensToUsers(this IServiceProvider services, bool elsewhere) =>
        services.IsInsecure()
        || (elsewhere ? !string.IsNullOrWhiteSpace(services.GetRequiredService<IConfiguration>()[AuthoritySetting]) : services.AuthenticatesUsers());

    /// <summary>Whether everybody is believed who they say they are.</summary>
    /// <exception cref="SettingsException">The setting is wrong, or this is no place for it.</exception>
    internal static bool IsInsecure(this IServiceProvider services) =>
        IsInsecure(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<IHostEnvironment>());

    private static bool IsInsecure(IConfiguration configuration, IHostEnvironment environment)
    {
        switch (configuration[InsecureSetting])
        {
            case null or "":
                return false;
            case { } text when bool.TryParse(text, out var isInsecure):
                if (isInsecure && !environment.IsDevelopment())
                {
                    throw new SettingsException($"{InsecureSetting} is true, which is for Development only: set {AuthoritySetting}, or ASPNETCORE_ENVIRONMENT=Development where nobody's real messages are.");
                }

                return !isInsecure || string.IsNullOrWhiteSpace(configuration[AuthoritySetting])
                    ? isInsecure
                    : throw new SettingsException($"{InsecureSetting} and {AuthoritySetting} contradict each other: leave one out.");
            default:
                throw new SettingsException($"{InsecureSetting} must be true or false.");
        }
    }

    private sealed class Added;
}
