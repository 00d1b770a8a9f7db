using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>The token by which a service knows its sidecar (<c>APP_API_TOKEN</c>); without one, everybody is believed.</summary>
internal sealed class SidecarToken(IConfiguration configuration)
{
    private readonly byte[]? _token = configuration["APP_API_TOKEN"] is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;

    public bool IsOn(HttpRequest request) =>
        _token is null || CryptographicOperations.FixedTimeEquals(_token, Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()));
}
