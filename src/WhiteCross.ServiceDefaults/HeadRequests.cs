using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// HEAD is answered as GET is, without the body: by the same door, the same rules and with the same headers. The server itself leaves out the body, since it goes by
/// the request's first line.
/// </summary>
public static class HeadRequests
{
    /// <summary>Whether the request is a HEAD that is answered as a GET: what would go on and on ends after its headers.</summary>
    /// <param name="context">The request.</param>
    public static bool IsHead(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<Head>() is not null;
    }

    internal static void UseHeadRequests(this WebApplication app) => app.Use(static (context, next) =>
        HttpMethods.IsHead(context.Request.Method) && context.Request.Headers.Upgrade.Count == 0 ? AsGetAsync(context, next) : next(context));

    private static async Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(new Head());
        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            context.Request.Method = HttpMethods.Head; // For what measures and traces requests.
        }
    }

    private sealed class Head;
}
