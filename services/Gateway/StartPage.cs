using System.Text;

namespace WhiteCross.Gateway;

/// <summary>The page at <c>/</c>: the queues at a glance, live.</summary>
internal static class StartPage
{
    private const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapStartPage(this IEndpointRouteBuilder app)
    {
        Serve(app, "/", "index.html", "text/html; charset=utf-8");
        Serve(app, "/start/page.css", "page.css", "text/css; charset=utf-8");
        Serve(app, "/start/page.js", "page.js", "text/javascript; charset=utf-8");
    }

    private static void Serve(IEndpointRouteBuilder app, string path, string file, string contentType)
    {
        using var stream = typeof(StartPage).Assembly.GetManifestResourceStream($"WhiteCross.Gateway.Pages.{file}")
            ?? throw new InvalidOperationException($"The page {file} is not part of the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        app.MapGet(path, (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.XContentTypeOptions = "nosniff";
            return TypedResults.Text(text, contentType);
        }).ExcludeFromDescription();
    }
}
