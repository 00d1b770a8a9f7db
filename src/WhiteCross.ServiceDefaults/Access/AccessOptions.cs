using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Configuration;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Who may operate the queues, and by which names and how often services may be called. Section <c>Access</c>. With neither keys nor an authority, everybody
/// on this machine may do everything and nobody else gets in.
/// </summary>
public sealed class AccessOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Access";

    /// <summary>Keys, sent as <c>X-Api-Key</c> or as the password of HTTP basic authentication. Give them by the environment or a secret, not in a file.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>The issuer of access tokens (OIDC), an https address; its <c>roles</c> claim says what the bearer may do. Default: none.</summary>
    public string? Authority { get; set; }

    /// <summary>The audience that tokens must name; required with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// The names by which the service may be called, besides localhost and its addresses: <c>queues.example.org</c>, <c>*.example.org</c>. A request for
    /// another host is refused, so that no page can have a browser call this by a name of its own (DNS rebinding).
    /// </summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>Other origins whose pages may call the service: <c>https://app.example.org</c>. Default: none but its own.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Proxies whose word on where a request comes from is taken (X-Forwarded-For), for limits and the audit log: addresses or networks. Default: none.</summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>The most requests of one caller in a second, beyond which it gets 429. Reads and writes of the API, not the streams. Default: 2000.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerSecond { get; set; } = 2_000;

    /// <summary>The most requests of one user in a second. Default: 100.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerSecondOfUser { get; set; } = 100;

    /// <summary>The most requests from one address in a second, whoever sends them: counted before anybody is asked who they are. Default: 5000.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerSecondOfAddress { get; set; } = 5_000;

    /// <summary>The most wrong keys and tokens from one address in a minute; then it is not listened to for the rest of it. Default: 30.</summary>
    [Range(1, int.MaxValue)]
    public int FailuresPerMinute { get; set; } = 30;

    /// <summary>The most event streams and hub connections of one caller at once. Default: 50.</summary>
    [Range(1, int.MaxValue)]
    public int StreamsOfCaller { get; set; } = 50;

    /// <summary>Whether anything says who may get in.</summary>
    public bool IsConfigured => ApiKeys.Count > 0 || !string.IsNullOrWhiteSpace(Authority);

    /// <summary>The same of settings that have not been checked: what is wrong with them is said once, where they are.</summary>
    /// <param name="configuration">The configuration.</param>
    public static bool IsConfiguredIn(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(SectionName);
        return section.GetSection(nameof(ApiKeys)).GetChildren().Any() || !string.IsNullOrWhiteSpace(section[nameof(Authority)]);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Problems(string section)
    {
        for (var i = 0; i < ApiKeys.Count; i++)
        {
            var (key, at) = (ApiKeys[i], $"{section}:{nameof(ApiKeys)}:{i}");
            if (string.IsNullOrWhiteSpace(key.Name) || ApiKeys.Take(i).Any(other => other.Name == key.Name))
            {
                yield return $"{at}:Name must say whose key it is, each name once.";
            }

            foreach (var problem in key.Problems(at))
            {
                yield return problem;
            }
        }

        if (BearerTokens.Problem(section, Authority, Audience) is { } wrong)
        {
            yield return wrong;
        }

        foreach (var host in Hosts.Where(host => !HostRules.IsPattern(host)))
        {
            yield return $"{section}:{nameof(Hosts)} has '{host}'; each must be a host name without scheme and port, such as queues.example.org or *.example.org.";
        }

        foreach (var origin in Origins.Where(origin => !HostRules.IsOrigin(origin)))
        {
            yield return $"{section}:{nameof(Origins)} has '{origin}'; each must be an origin such as https://app.example.org.";
        }

        foreach (var proxy in Proxies.Where(proxy => !IPNetwork.TryParse(proxy, out _) && !IPAddress.TryParse(proxy, out _)))
        {
            yield return $"{section}:{nameof(Proxies)} has '{proxy}'; each must be an address or a network such as 10.0.0.0/8.";
        }
    }
}
