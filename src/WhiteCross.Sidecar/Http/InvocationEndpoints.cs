using Grpc.Core;
using WhiteCross.Sidecar.Resiliency;

namespace WhiteCross.Sidecar.Http;

/// <summary>Service invocation: to the own app directly, to another one through its sidecar.</summary>
internal static class InvocationEndpoints
{
    /// <summary>Set by a sidecar that calls another: the callee's sidecar then calls its app.</summary>
    private const string CallerHeader = "dapr-caller-app-id";

    private static readonly string[] Hop =
        ["Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Content-Length"];

    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime, HttpMessageInvoker client)
    {
        app.Map("/v1.0/invoke/{appId}/method/{**path}", context =>
            InvokeAsync(context, runtime, client, (string)context.Request.RouteValues["appId"]!, context.Request.RouteValues["path"] as string ?? string.Empty));
        app.MapFallback(context => context.Request.Headers.TryGetValue("dapr-app-id", out var appId) && appId.ToString() is { Length: > 0 } id
            ? InvokeAsync(context, runtime, client, id, context.Request.Path.Value!.TrimStart('/'))
            : NotFound(context));
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
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

        var hasTarget = runtime.Resources.Resiliency.Any(document => document.Apps.ContainsKey(appId));
        var policy = runtime.Resiliency.ForApp(appId, (isOwn ? runtime.App.Address : peer!).Authority);
        (int Status, byte[] Body, List<KeyValuePair<string, IEnumerable<string>>> Headers) last = (0, [], []);
        try
        {
            await policy.ExecuteAsync(
                async token =>
                {
                    using var request = Request(context.Request, body, isOwn ? new Uri(runtime.App.Address, path) : new Uri(peer!, $"v1.0/invoke/{appId}/method/{path}"), runtime.Options.AppId, appId);
                    if (isOwn)
                    {
                        var answer = await runtime.App.CallAsync(request, token);
                        last = (answer.Status, answer.Body, [.. Texts(answer.Headers), .. Texts(answer.ContentHeaders)]);
                    }
                    else
                    {
                        using var response = await SendAsync(client, request, token);
                        last = ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(token), [.. response.Headers, .. response.Content.Headers]);
                    }

                    // Dapr's own retries look at what did not reach the app; a policy of the target, at every answer beyond 399.
                    return last.Status is >= 200 and < 400 || !hasTarget ? true : throw new StatusCodeException(last.Status, null);
                },
                context.RequestAborted);
        }
        catch (Exception exception) when (last.Status != 0 && exception is PolicyFailureException or StatusCodeException)
        {
            // The policy gave up; the caller gets the last answer.
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or PolicyFailureException or StatusCodeException)
        {
            throw Unreachable(appId, exception.Message, exception);
        }

        context.Response.StatusCode = last.Status;
        foreach (var (name, values) in last.Headers.Where(header => !Hop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        // An answer without a body, a 204 above all, must not be written to: the server would end the connection under the caller's next request.
        if (last.Body.Length > 0)
        {
            await context.Response.Body.WriteAsync(last.Body, context.RequestAborted);
        }
    }

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

    private static IEnumerable<KeyValuePair<string, IEnumerable<string>>> Texts(System.Net.Http.Headers.HttpHeadersNonValidated headers) =>
        headers.Select(header => KeyValuePair.Create(header.Key, (IEnumerable<string>)[.. header.Value]));

    private static HttpRequestMessage Request(HttpRequest source, byte[] body, Uri address, string caller, string callee)
    {
        var request = new HttpRequestMessage(new HttpMethod(source.Method), new UriBuilder(address) { Query = source.QueryString.Value }.Uri);
        if (body.Length > 0 || source.ContentType is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var (name, values) in source.Headers.Where(header => !Hop.Contains(header.Key, StringComparer.OrdinalIgnoreCase) && header.Key != "dapr-app-id"))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        if (!source.Headers.ContainsKey(CallerHeader))
        {
            request.Headers.TryAddWithoutValidation(CallerHeader, caller);
            request.Headers.TryAddWithoutValidation("dapr-callee-app-id", callee);
        }

        return request;
    }

    private static SidecarApiException Unreachable(string appId, string why, Exception? exception) =>
        new(500, StatusCode.Internal, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {appId}, err: {why}", exception);
}
