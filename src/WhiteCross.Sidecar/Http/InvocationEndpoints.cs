using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Http;

/// <summary>Service invocation: to the own app directly, to another one through its sidecar.</summary>
internal static class InvocationEndpoints
{
    /// <summary>Set by a sidecar that calls another: the callee's sidecar then calls its app.</summary>
    private const string CallerHeader = "dapr-caller-app-id";

    private const string CalleeHeader = "dapr-callee-app-id";
    private const string AppIdHeader = "dapr-app-id";
    private const string ErrorCode = "ERR_DIRECT_INVOKE";
    private const string Prefix = "/v1.0/invoke/";

    /// <summary>
    /// Takes the invocations by path before the routes see them: the server removes dots from the path, which belong to the method here, and
    /// would lead <c>…/method/../../metadata</c> to an API of the sidecar.
    /// </summary>
    public static void Use(IApplicationBuilder app, SidecarRuntime runtime, HttpMessageInvoker client) => app.Use((context, next) =>
        IsInvocation(context.Request) ? InvokeAsync(context, runtime, client) : next(context));

    /// <summary>Takes what no route takes: with an app id in the header it is an invocation, too.</summary>
    public static void MapOthers(IEndpointRouteBuilder app, SidecarRuntime runtime, HttpMessageInvoker client) =>
        app.MapFallback("{**path}", context => InvokeAsync(context, runtime, client));

    public static bool IsInvocation(HttpRequest request) => PathOf(request).StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The answer to an address that there is not.</summary>
    public static SidecarApiException NoAppId() => new(
        404, StatusCode.NotFound, ErrorCode, "failed getting app id either from the URL path or the header dapr-app-id");

    /// <summary>The path as the caller sent it.</summary>
    private static string PathOf(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/'))
        {
            return request.Path.Value!;
        }

        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    private static Task InvokeAsync(HttpContext context, SidecarRuntime runtime, HttpMessageInvoker client)
    {
        var path = PathOf(context.Request);
        if (context.Request.Headers[AppIdHeader].ToString() is { Length: > 0 } named)
        {
            return InvokeAsync(context, runtime, client, named, Clean(path));
        }

        if (path.StartsWith(Prefix, StringComparison.Ordinal) && path.IndexOf("/method/", Prefix.Length, StringComparison.Ordinal) is var at && at > Prefix.Length)
        {
            return InvokeAsync(context, runtime, client, Uri.UnescapeDataString(path[Prefix.Length..at]), Clean(path[(at + "/method/".Length)..]));
        }

        throw NoAppId();
    }

    /// <summary>The method without empty parts and dots, also where they are escaped, so that it stays below the app's own address; a slash at its end stays.</summary>
    private static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            switch (part.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase))
            {
                case "" or ".":
                    break;
                case "..":
                    parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
                    break;
                default:
                    parts.Add(part);
                    break;
            }
        }

        var cleaned = string.Join('/', parts);
        return cleaned.Length > 0 && path.EndsWith('/') ? cleaned + "/" : cleaned;
    }

    private static async Task InvokeAsync(HttpContext context, SidecarRuntime runtime, HttpMessageInvoker client, string appId, string path)
    {
        var body = await RequestBody.ReadAsync(context.Request, runtime.Options.MaxBodySize, context.RequestAborted);
        var isOwn = appId == runtime.Options.AppId;
        var peer = isOwn ? null : await runtime.Others.FindAsync(appId, context.RequestAborted);
        if (!isOwn && peer is null)
        {
            throw Unreachable(appId, "no address is known of it", null);
        }

        if (isOwn && (runtime.Options.AppPort is null || !runtime.IsAppHealthy))
        {
            throw Unreachable(appId, "app is not in a healthy state", null);
        }

        // The caller's sidecar has the policies; with those of this one as well, retries would multiply.
        var isPassedOn = isOwn && IsPassedOn(context.Request, appId);
        var hasTarget = !isPassedOn && runtime.Resources.Resiliency.Any(document => document.Apps.ContainsKey(appId));
        var policy = isPassedOn ? runtime.Resiliency.None() : runtime.Resiliency.ForApp(appId, (isOwn ? runtime.App.Address : peer!).Authority);
        var isRepeatable = !IsChunked(context.Request);
        var caller = new InvocationAnswer(context, appId, runtime.Logger);
        WholeAnswer? last = null;
        Exception? failure = null;
        try
        {
            await (isRepeatable ? policy : policy.WithoutRetries()).ExecuteAsync(
                async token =>
                {
                    caller.EnsureNotBegun();
                    using var request = Request(context.Request, body, isOwn ? new Uri(runtime.App.Address, "/" + path) : new Uri(peer!, $"{Prefix}{Uri.EscapeDataString(appId)}/method/{path}"), runtime.Options.AppId, appId, isPassedOn);
                    using var answer = isOwn ? await runtime.App.OpenAsync(request, token) : await SendAsync(client, request, token);
                    var (status, isGood) = ((int)answer.StatusCode, (int)answer.StatusCode is >= 200 and < 400);
                    if (isGood || !isRepeatable || isPassedOn)
                    {
                        await caller.PassOnAsync(answer, token);
                    }
                    else
                    {
                        last = await WholeAnswer.ReadAsync(answer, token);
                    }

                    // Dapr's own retries look at what did not reach the app; a policy of the target, at every answer beyond 399.
                    return isGood || !hasTarget ? true : throw new StatusCodeException(status, null);
                },
                context.RequestAborted);
        }
        catch (Exception exception) when (caller.IsBegun || exception is HttpRequestException or IOException or PolicyFailureException or StatusCodeException or OperationCanceledException)
        {
            failure = exception;
        }

        if (!caller.TryBegin())
        {
            // The caller has had its answer, or it was broken off; an attempt that was timed out may still be about to do that.
            await caller.PassedOn;
        }
        else if (last is not null && failure is null or PolicyFailureException or StatusCodeException)
        {
            // Also where the policy gave up: the caller gets the last answer.
            await caller.WriteAsync(last);
        }
        else if (!context.RequestAborted.IsCancellationRequested)
        {
            throw Unreachable(appId, failure!.Message, failure);
        }
    }

    // Sidecars of other apps call this one's app by the same address as the app itself would.
    private static bool IsPassedOn(HttpRequest request, string callee) =>
        request.Headers.ContainsKey(CallerHeader) && request.Headers[CalleeHeader] == callee;

    // As daprd has it: what comes in chunks, of a length that nobody has said, is not sent twice.
    private static bool IsChunked(HttpRequest request) =>
        request.ContentLength is null && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    private static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            const int unavailable = (int)StatusCode.Unavailable;
            throw new StatusCodeException(null, unavailable, exception.Message);
        }
    }

    private static HttpRequestMessage Request(HttpRequest source, byte[] body, Uri address, string caller, string callee, bool isPassedOn)
    {
        var request = new HttpRequestMessage(new HttpMethod(source.Method), new UriBuilder(address) { Query = source.QueryString.Value }.Uri);
        if (body.Length > 0 || source.ContentType is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        // Those of a hop before are not this one's: an app that passes a request on sends them along.
        string[] own = isPassedOn ? [AppIdHeader] : [AppIdHeader, CallerHeader, CalleeHeader];
        foreach (var (name, values) in source.Headers.Where(header => !HopHeaders.Contains(header.Key) && !own.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        if (!isPassedOn)
        {
            request.Headers.TryAddWithoutValidation(CallerHeader, caller);
            request.Headers.TryAddWithoutValidation(CalleeHeader, callee);
        }

        return request;
    }

    private static SidecarApiException Unreachable(string appId, string why, Exception? exception) =>
        new(500, StatusCode.Internal, ErrorCode, $"failed to invoke, id: {appId}, err: {why}", exception);
}
