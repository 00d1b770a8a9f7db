using System.Net;
using Microsoft.AspNetCore.Http;

namespace WhiteCross.ServiceDefaults;

/// <summary>By which names a service may be called, and which pages may call it.</summary>
internal static class HostRules
{
    public static bool IsPattern(string host) =>
        Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is not UriHostNameType.Unknown;

    public static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && string.Equals(origin, uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the request is for a host that this is: a page can have a browser call any address, but under the page's own name only.</summary>
    public static bool IsKnownHost(HttpContext context, AccessOptions options)
    {
        var host = context.Request.Host.Host;
        return IsLoopback(host)
            || (IPAddress.TryParse(host, out var address) && SameAddress(address, context.Connection.LocalIpAddress))
            || options.Hosts.Any(known => known.StartsWith("*.", StringComparison.Ordinal)
                ? host.EndsWith(known[1..], StringComparison.OrdinalIgnoreCase)
                : host.Equals(known, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Whether a page of another origin sent the request. Browsers say where a request comes from, and pages cannot change it; other callers say nothing.
    /// </summary>
    public static bool IsForeign(HttpRequest request, AccessOptions options)
    {
        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            return !IsOwn(origin.ToString(), request.Host) && !options.Origins.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        if (!Changes(request))
        {
            return false;
        }

        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            || (request.Headers.Referer is { Count: > 0 } referrer && !IsOwn(referrer.ToString(), request.Host));
    }

    /// <summary>Whether the request may change something; a web socket may, whatever its method.</summary>
    public static bool Changes(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        || request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    // The scheme is not compared: where a proxy ends TLS, the service sees plain HTTP.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
        && uri.Port == (host.Port ?? (uri.Scheme == "https" ? 443 : 80));

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool SameAddress(IPAddress one, IPAddress? other) => other is not null && one.MapToIPv6().Equals(other.MapToIPv6());
}
