using Microsoft.AspNetCore.Http.Features;

namespace WhiteCross.Gateway;

/// <summary>
/// Reads ids in paths as they were meant. A job's id may hold a slash, which arrives as %2F; the server leaves just that one undecoded, and it can no
/// longer be told from an id that holds the text %2F. The request line still can.
/// </summary>
internal static class JobIdInPath
{
    private const string Parameter = "id";

    public static void UseJobIdsInPaths(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.RouteValues[Parameter] is string id && id.Contains('%', StringComparison.Ordinal) && Find(context) is { } meant)
        {
            context.Request.RouteValues[Parameter] = meant;
        }

        return next(context);
    });

    // /queue/{queue}/jobs/{id}/…, with the base path of a proxy in front.
    private static string? Find(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var segments = target.Split('?', 2)[0].Split('/');
        var place = (context.Request.PathBase.Value?.Count(character => character == '/') ?? 0) + 4;
        return place < segments.Length ? Uri.UnescapeDataString(segments[place]) : null;
    }
}
