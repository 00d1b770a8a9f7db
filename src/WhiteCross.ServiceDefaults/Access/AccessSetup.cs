using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>Knows those who operate the queues, by key or token, and what their role lets them do.</summary>
public static class AccessSetup
{
    internal const string AnyScheme = "Access";
    private const string BearerScheme = "AccessBearer";

    /// <summary>The schemes that tell who operates the queues: by none of them anybody is a user.</summary>
    internal static IReadOnlyList<string> Schemes { get; } = [AnyScheme, BearerScheme, ApiKeyAuthentication.SchemeName];

    /// <summary>Adds the authentication and the policies of operating doors (<see cref="Doors.ForRole{TBuilder}"/>).</summary>
    /// <param name="builder">The application's builder.</param>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSingleton<KnownKeys>();
        services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                    && context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.Authority is { Length: > 0 }
                    ? BearerScheme
                    : ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddJwtBearer(BearerScheme, _ => { });
        services.AddOptions<JwtBearerOptions>(BearerScheme).Configure<IOptions<AccessOptions>>((bearer, access) =>
        {
            if (access.Value.Authority is { Length: > 0 } authority)
            {
                BearerTokens.Configure(bearer, authority, access.Value.Audience);
            }
        });
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddAuthorization(options =>
        {
            foreach (var role in AccessRoles.All)
            {
                options.AddPolicy(role, policy => policy.AddRequirements(new RoleRequirement(role)));
            }
        });
        return builder;
    }

    /// <summary>Whether the caller is a publisher, who may see only what it has added itself.</summary>
    /// <param name="context">The request.</param>
    public static bool IsPublisher(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.User.IsInRole(AccessRoles.Publisher) && !AccessRoles.AtLeast(AccessRoles.Viewer).Any(context.User.IsInRole);
    }

    private sealed record RoleRequirement(string Role) : IAuthorizationRequirement;

    private sealed class RoleHandler(IOptions<AccessOptions> access) : AuthorizationHandler<RoleRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
        {
            if (!access.Value.IsConfigured || AccessRoles.AtLeast(requirement.Role).Any(context.User.IsInRole) || IsLetIn(context))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }

        private static bool IsLetIn(AuthorizationHandlerContext context)
        {
            if (context.Resource is not HttpContext http || http.GetEndpoint()?.Metadata is not { } metadata)
            {
                return false;
            }

            return (metadata.GetMetadata<MetricsKeysToo>() is not null && context.User.IsInRole(AccessRoles.Metrics))
                || (metadata.GetMetadata<PublishersToo>() is not null
                    && context.User.IsInRole(AccessRoles.Publisher)
                    && http.GetRouteValue("queue") is string queue
                    && context.User.HasClaim(ApiKeyAuthentication.QueuesClaim, queue));
        }
    }
}
