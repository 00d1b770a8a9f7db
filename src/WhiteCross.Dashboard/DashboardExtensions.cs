using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.Dashboard;

/// <summary>The operator's pages: static files that use the gateway's HTTP API and server-sent events, as anybody else could.</summary>
public static class DashboardExtensions
{
    // Nothing from elsewhere, nothing inline; text in a job can then at worst be text.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // As the gateway asks for keys, so that the browser takes the refusal for one of the same key.
    private const string SignOutChallenge = "Basic realm=\"White Cross queues: any user name, an API key as the password\", charset=\"UTF-8\"";

    // Each view has an address of its own; all are the same page.
    private static readonly string[] Views =
        ["/", "/queues/{queue}", "/queues/{queue}/add", "/queues/{queue}/jobs/{*id}", "/dead-letters", "/batches", "/recipients/{id}", "/schedules", "/schedules/new", "/schedules/{queue}/{*id}", "/find", "/workers", "/audit", "/live"];

    /// <summary>Adds the dashboard's options, section <c>Dashboard</c>; a wrong one stops the start and is named.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddSettings<DashboardOptions>(DashboardOptions.SectionName);
        return services;
    }

    /// <summary>Serves the dashboard at <c>/</c>, its files under <c>/dashboard</c>.</summary>
    /// <param name="app">The gateway.</param>
    /// <returns>What was mapped, for further conventions such as authorization.</returns>
    public static IEndpointConventionBuilder MapDashboard(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);

        var pages = app.MapGroup(string.Empty).ExcludeFromDescription();
        var index = PageFile.Load(PageFile.Index);
        foreach (var view in Views)
        {
            pages.MapGet(view, (HttpContext context) => Serve(context, index));
        }

        foreach (var file in PageFile.LoadAll())
        {
            pages.MapGet($"/dashboard/{file.Name}", (HttpContext context) => Serve(context, file));
        }

        pages.MapGet("/dashboard/settings", (HttpContext context, IOptionsSnapshot<DashboardOptions> options) =>
            TypedResults.Json(DashboardSettings.From(options.Value, context.User), DashboardJsonContext.Default.DashboardSettings));

        // A browser forgets the key that it has sent along when it is refused.
        pages.MapGet("/dashboard/sign-out", (HttpContext context) =>
        {
            context.Response.Headers.WWWAuthenticate = SignOutChallenge;
            return TypedResults.Text("You are signed out. To sign in again, open the dashboard anew.", "text/plain; charset=utf-8", statusCode: StatusCodes.Status401Unauthorized);
        });
        return pages;
    }

    /// <summary>Answers browsers that ask for an address of no view with the page, which says so and shows the way; everybody else with what they would have got.</summary>
    /// <param name="app">The gateway; after what judges requests, before what serves them.</param>
    /// <returns>The gateway.</returns>
    public static IApplicationBuilder UseUnknownPages(this IApplicationBuilder app)
    {
        var index = PageFile.Load(PageFile.Index);
        return app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false }
                && context.GetEndpoint() is null
                && HttpMethods.IsGet(context.Request.Method)
                && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                context.Response.ContentType = index.ContentType;
                await context.Response.Body.WriteAsync(index.Content, context.RequestAborted);
            }
        });
    }

    private static FileContentHttpResult Serve(HttpContext context, PageFile file)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        headers["Referrer-Policy"] = "no-referrer"; // An address holds a job's id.
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.EntityTag);
    }
}
