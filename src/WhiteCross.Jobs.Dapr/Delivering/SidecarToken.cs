using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// Knows the service's sidecar by its token (<c>APP_API_TOKEN</c>); without one, by its place: this machine. What a proxy passed on comes from elsewhere,
/// but for what a sidecar of this machine passed on, which says so by one of its addresses.
/// </summary>
internal sealed class SidecarToken(IConfiguration configuration)
{
    private readonly byte[]? _token = configuration["APP_API_TOKEN"] is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;

    /// <summary>Why a request is not let in; null when it is.</summary>
    public string? Refusal(HttpContext context) =>
        _token is not null
            ? IsOn(context.Request) ? null : "This is for the service's own sidecar: call it by Dapr's service invocation."
            : IsThisMachine(context) ? null : "Without APP_API_TOKEN this is for a sidecar on this machine only. Set it for the service and its sidecar.";

    private bool IsOn(HttpRequest request) =>
        CryptographicOperations.FixedTimeEquals(_token!, Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()));

    private static bool IsThisMachine(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
        {
            return false;
        }

        var headers = context.Request.Headers;
        return !headers.ContainsKey("X-Real-IP")
            && !headers.ContainsKey("Via")
            && headers["X-Forwarded-For"].SelectMany(value => (value ?? string.Empty).Split(',', StringSplitOptions.TrimEntries)).All(IsOwnAddress)
            && headers["Forwarded"]
                .SelectMany(value => (value ?? string.Empty).Split([',', ';'], StringSplitOptions.TrimEntries))
                .Where(part => part.StartsWith("for=", StringComparison.OrdinalIgnoreCase))
                .All(part => IsOwnAddress(part[4..].Trim('"')));
    }

    private static bool IsOwnAddress(string text) =>
        IPEndPoint.TryParse(text, out var point)
        && (IPAddress.IsLoopback(point.Address)
            || NetworkInterface.GetAllNetworkInterfaces().Any(card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(point.Address))));
}
