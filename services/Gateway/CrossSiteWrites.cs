using Microsoft.Net.Http.Headers;

namespace WhiteCross.Gateway;

/// <summary>
/// Refuses to change anything for a page of another site: its reader's browser would send the request with the reader's rights, or from inside the
/// reader's network. Browsers say where a request comes from in a header that no page can set; programs send none of them.
/// </summary>
internal static class CrossSiteWrites
{
    public static TBuilder RefuseCrossSiteWrites<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => IsWrite(context.HttpContext.Request) && IsFromElsewhere(context.HttpContext.Request)
            ? TypedResults.Problem(
                "A page of another site may not change anything here; use the dashboard, or send the request from a program.",
                statusCode: StatusCodes.Status403Forbidden,
                title: "Cross-site request")
            : await next(context));

    private static bool IsWrite(HttpRequest request) => !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);

    private static bool IsFromElsewhere(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is not ("same-origin" or "none");
        }

        // Older browsers, and http:// addresses other than localhost. Behind a proxy that ends TLS the scheme is not the one that the browser sees.
        var origin = request.Headers[HeaderNames.Origin].ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
