using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Stands before every endpoint, and before anybody is asked who they are: keeps out who is not on this machine while nothing says who may get in, whoever
/// calls by a foreign name or from a foreign page, and what is not the content that an endpoint takes.
/// </summary>
internal sealed partial class DoorKeeper(RequestDelegate next, DoorStates states, IOptions<AccessOptions> access, ILogger<DoorKeeper> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        AddSecurityHeaders(context.Request.Path, context.Response.Headers);

        // What has no route is answered 404, or 405; no endpoint of ours is behind it.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        if (Refusal(context, endpoint) is { } refusal)
        {
            LogRefused(refusal.StatusCode, endpoint.DisplayName, Caller.AddressOf(context), refusal.ProblemDetails.Title);
            await refusal.ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult? Refusal(HttpContext context, RouteEndpoint endpoint)
    {
        var door = Door.Of(endpoint);
        if (door is null)
        {
            return Forbidden("Nothing says whom this is for, so it is for nobody.", title: "No door");
        }

        if (door.Kind == DoorKind.Anybody)
        {
            return null;
        }

        if (!HostRules.IsKnownHost(context, access.Value))
        {
            return TypedResults.Problem(
                "The request is for a host that this service does not go by. Access:Hosts names those that it does.",
                statusCode: StatusCodes.Status421MisdirectedRequest,
                title: "Unknown host");
        }

        if (HostRules.IsForeign(context.Request, access.Value))
        {
            return Forbidden("A page of another site must not call this. Access:Origins names those that may.", title: "Cross-site request");
        }

        if (!states.IsOpen(door) && !Caller.IsThisMachine(context))
        {
            return Forbidden(
                door.Kind == DoorKind.Users
                    ? $"Nothing says how users are known, so what is theirs is served to this machine only. Set {UserAuthentication.AuthoritySetting}."
                    : "Nothing says who may use this service, so it serves its own machine only. Set Access:ApiKeys or Access:Authority.",
                title: "Not from here");
        }

        return HasForeignContent(context, endpoint)
            ? TypedResults.Problem("The body must be JSON: send content-type application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON")
            : null;
    }

    // A page can have a browser send forms and plain text anywhere without asking; JSON it cannot.
    private static bool HasForeignContent(HttpContext context, RouteEndpoint endpoint)
    {
        var request = context.Request;
        if (!HostRules.Changes(request)
            || endpoint.Metadata.GetMetadata<AnyContent>() is not null
            || !(StrictRequests.ReadsBody(endpoint) || endpoint.Metadata.GetMetadata<AnyRequest>() is not null)) // A body that nobody reads is refused for that.
        {
            return false;
        }

        return request.ContentType is { Length: > 0 }
            ? !request.HasJsonContentType() || IsOfUnknownCharset(request.ContentType)
            : request.ContentLength is not 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
    }

    // What reads the body would take it for a fault of the service.
    private static bool IsOfUnknownCharset(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type is { Charset.HasValue: true, Encoding: null };

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Forbidden(string detail, string title) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: title);

    private static void AddSecurityHeaders(PathString path, IHeaderDictionary headers)
    {
        // An answer is no page, whatever it holds. The dashboard's pages have a policy of their own; those of /docs have scripts in them.
        headers.ContentSecurityPolicy = path.StartsWithSegments("/docs")
            ? "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
            : "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    [LoggerMessage(LogLevel.Warning, "Refused with {Status}: {Endpoint}, from {Address}: {Title}")]
    private partial void LogRefused(int status, string? endpoint, string address, string? title);
}
