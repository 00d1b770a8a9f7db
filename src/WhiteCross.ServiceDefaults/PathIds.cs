using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Reads ids in paths as they were meant. An id may hold a slash, which arrives as %2F; the server leaves just that one undecoded, and it can no longer be
/// told from an id that holds the text %2F. The request line still can.
/// </summary>
internal static class PathIds
{
    public static void UsePathIds(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            foreach (var parameter in endpoint.RoutePattern.Parameters)
            {
                if (context.Request.RouteValues[parameter.Name] is string id && id.Contains('%', StringComparison.Ordinal) && Find(context, endpoint.RoutePattern, parameter) is { } meant)
                {
                    context.Request.RouteValues[parameter.Name] = meant;
                }
            }
        }

        return next(context);
    });

    private static string? Find(HttpContext context, RoutePattern pattern, RoutePatternParameterPart parameter)
    {
        var index = pattern.PathSegments.TakeWhile(segment => !segment.Parts.Contains(parameter)).Count();
        if (index == pattern.PathSegments.Count || !pattern.PathSegments[index].IsSimple)
        {
            return null;
        }

        // With the base path of a proxy in front; the first part is empty.
        var segments = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0].Split('/');
        var place = (context.Request.PathBase.Value?.Count(character => character == '/') ?? 0) + 1 + index;
        return place >= segments.Length ? null
            : Uri.UnescapeDataString(parameter.IsCatchAll ? string.Join('/', segments[place..]) : segments[place]);
    }
}
