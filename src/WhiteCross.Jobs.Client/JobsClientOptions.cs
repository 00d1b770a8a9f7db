using System.ComponentModel.DataAnnotations;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Client;

/// <summary>How a service reaches the queues. Section <c>JobsClient</c>.</summary>
public sealed class JobsClientOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "JobsClient";

    /// <summary>
    /// The gateway's address, for example <c>http://localhost:5080</c>. Null, the default: through the service's own Dapr sidecar.
    /// </summary>
    public Uri? Gateway { get; set; }

    /// <summary>
    /// The sidecar's HTTP address. Default: <c>DAPR_HTTP_ENDPOINT</c>, else localhost with <c>DAPR_HTTP_PORT</c>, else <c>http://localhost:3500</c>.
    /// </summary>
    public Uri? Sidecar { get; set; }

    /// <summary>The sidecar's API token. Default: <c>DAPR_API_TOKEN</c>.</summary>
    public string? SidecarToken { get; set; }

    /// <summary>The gateway's app id. Default: <c>queue-gateway</c>.</summary>
    [Required]
    public string GatewayAppId { get; set; } = "queue-gateway";

    /// <summary>
    /// Whether jobs are added as Dapr events instead of by a call to the gateway. The call answers once the job is on record, and tells when it was there
    /// already; the event needs no gateway, and the job is on record a moment later. Only through the sidecar. Default: false.
    /// </summary>
    public bool PublishEvents { get; set; }

    /// <summary>An API key of the gateway, where it asks for one. Default: none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The way to the gateway.</summary>
    internal GatewayTransport ToGateway(HttpClient http, TimeProvider? time) =>
        Gateway is null ? ToSidecar(http, time, $"v1.0/invoke/{GatewayAppId}/method/") : new GatewayTransport(http, time ?? TimeProvider.System);

    /// <summary>The way to the sidecar itself, or through it.</summary>
    internal static GatewayTransport ToSidecar(HttpClient http, TimeProvider? time, string prefix = "") => new(http, time ?? TimeProvider.System, "The sidecar", prefix);

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        foreach (var (setting, address) in new[] { (nameof(Gateway), Gateway), (nameof(Sidecar), Sidecar) })
        {
            if (address is not null && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
            {
                yield return $"{section}:{setting} must be an absolute http or https address, for example http://localhost:5080.";
            }
        }

        foreach (var (setting, value) in new[] { (nameof(ApiKey), ApiKey), (nameof(SidecarToken), SidecarToken) })
        {
            if (value is not null && !GatewayTransport.IsHeaderValue(value))
            {
                yield return $"{section}:{setting} has spaces, line ends or other characters that no key has.";
            }
        }

        if (PublishEvents && Gateway is not null)
        {
            yield return $"{section}:{nameof(PublishEvents)} needs the sidecar: leave {section}:{nameof(Gateway)} out.";
        }
    }
}
