using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>Who gets in, what they may do, how often, and what of it is written down.</summary>
internal static class AccessSetup
{
    private const string AnyScheme = "Access";

    // What is removed is gone; everything else can be put right again.
    private static readonly HashSet<string> AdminOnly = ["CleanQueue", "DiscardFailure", "RemoveJob", "RemoveSchedule", "ListAudit"];

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<AccessOptions>(AccessOptions.SectionName);
        services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                    && context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.Authority is { Length: > 0 }
                    ? JwtBearerDefaults.AuthenticationScheme
                    : ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IOptions<AccessOptions>>((bearer, access) =>
        {
            bearer.Authority = access.Value.Authority;
            bearer.Audience = access.Value.Audience;
            bearer.RequireHttpsMetadata = access.Value.Authority is { } authority && !new Uri(authority).IsLoopback;
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters.RoleClaimType = "roles";
            bearer.TokenValidationParameters.NameClaimType = "sub";
        });
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddAuthorization(options =>
        {
            foreach (var role in AccessRoles.All)
            {
                options.AddPolicy(role, policy => policy.AddRequirements(new RoleRequirement(role)));
            }
        });
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = async (context, cancellationToken) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = "1";
                await TypedResults.Problem(
                    "This caller has sent more requests in this second than Access:RequestsPerSecond allows. Send many jobs in one request, to …/jobs/bulk.",
                    statusCode: StatusCodes.Status429TooManyRequests,
                    title: "Too many requests").ExecuteAsync(context.HttpContext);
            };
            options.AddPolicy("access", context =>
            {
                var limit = context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.RequestsPerSecond;
                return RateLimitPartition.GetTokenBucketLimiter(WhoIs(context), _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = limit,
                    TokensPerPeriod = Math.Max(1, limit / 10),
                    ReplenishmentPeriod = TimeSpan.FromMilliseconds(limit < 10 ? 1000.0 / limit : 100),
                    QueueLimit = 0,
                });
            });
        });
    }

    /// <summary>Keeps out who is not on this machine while nothing says who may get in, and what a page of somebody else's sends by a visitor's browser.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var access = app.Services.GetRequiredService<IOptions<AccessOptions>>();
        app.Use(async (context, next) =>
        {
            AddSecurityHeaders(context.Request.Path, context.Response.Headers);
            if (!access.Value.IsConfigured && !IsOpen(context) && context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
            {
                await TypedResults.Problem(
                    "Nothing says who may use this gateway, so it serves its own machine only. Set Access:ApiKeys or Access:Authority.",
                    statusCode: StatusCodes.Status403Forbidden,
                    title: "Not from here").ExecuteAsync(context);
                return;
            }

            if (IsForged(context.Request))
            {
                await TypedResults.Problem(
                    "A page of another site must not change anything here.", statusCode: StatusCodes.Status403Forbidden, title: "Cross-site request").ExecuteAsync(context);
                return;
            }

            await next(context);
        });
        app.UseRateLimiter();
    }

    /// <summary>Says for every endpoint of a group who may use it.</summary>
    public static RouteGroupBuilder RequireAccess(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var name = endpoint.Metadata.OfType<IEndpointNameMetadata>().LastOrDefault()?.EndpointName ?? string.Empty;
            var isRead = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods.All(HttpMethods.IsGet) ?? false;
            endpoint.Metadata.Add(new AuthorizeAttribute(AdminOnly.Contains(name) ? AccessRoles.Admin : isRead ? AccessRoles.Viewer : AccessRoles.Operator));
            if (!name.StartsWith("Watch", StringComparison.Ordinal))
            {
                endpoint.Metadata.Add(new EnableRateLimitingAttribute("access"));
            }
        });
        return group;
    }

    /// <summary>The name of whoever sent a request.</summary>
    public static string WhoIs(HttpContext context) =>
        context.User.FindFirstValue("sub") ?? (context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address) ? address.ToString() : "local");

    // What probes, scrapers and the sidecar ask for; the sidecar's deliveries have a token of their own.
    private static bool IsOpen(HttpContext context) =>
        context.Request.Path.Value is "/healthz" or "/readyz" or "/metrics";

    // Browsers say where a request comes from, and pages cannot change it; other callers say nothing.
    private static bool IsForged(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method)
        && request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static void AddSecurityHeaders(PathString path, IHeaderDictionary headers)
    {
        // An answer is no page, whatever it holds. The dashboard's pages have a policy of their own; those of /docs have scripts in them.
        if (!path.StartsWithSegments("/docs"))
        {
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        }

        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private sealed record RoleRequirement(string Role) : IAuthorizationRequirement;

    private sealed class RoleHandler(IOptions<AccessOptions> access) : AuthorizationHandler<RoleRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
        {
            if (!access.Value.IsConfigured || AccessRoles.AtLeast(requirement.Role).Any(context.User.IsInRole))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }
}
