using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>Who sent a request, and from where.</summary>
public static class Caller
{
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <summary>The name of whoever sent the request: the key's or the token's; where nobody is asked, <c>local</c>, or the address.</summary>
    /// <param name="context">The request.</param>
    public static string NameOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.User.FindFirstValue("sub") ?? (IsThisMachine(context) ? "local" : AddressOf(context));
    }

    /// <summary>
    /// Whether somebody on this machine sent the request. What was passed on comes from wherever the proxy's client is, also where the proxy is here: no
    /// header can say otherwise.
    /// </summary>
    /// <param name="context">The request.</param>
    public static bool IsThisMachine(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address)) && !WasForwarded(context.Request);
    }

    /// <summary>The address that the request comes from: the connection's, or what a proxy of <see cref="AccessOptions.Proxies"/> says.</summary>
    /// <param name="context">The request.</param>
    public static string AddressOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.Loopback;
        var proxies = context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.Proxies;
        if (proxies.Count > 0)
        {
            // From the last: whatever stands before the word of the first proxy that is not ours, anybody can have written.
            var chain = context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            for (var i = chain.Length - 1; i >= 0 && IsProxy(address, proxies) && IPAddress.TryParse(chain[i], out var before); i--)
            {
                address = before;
            }
        }

        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary>Whether a proxy passed the request on.</summary>
    /// <param name="request">The request.</param>
    internal static bool WasForwarded(HttpRequest request) => Forwarding.Any(request.Headers.ContainsKey);

    private static bool IsProxy(IPAddress address, IList<string> proxies)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return proxies.Any(proxy => IPNetwork.TryParse(proxy, out var network) ? network.Contains(plain) : IPAddress.TryParse(proxy, out var one) && one.Equals(plain));
    }
}
