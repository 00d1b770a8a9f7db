using Microsoft.Extensions.Options;

namespace WhiteCross.Jobs.Client;

/// <summary>How a service reaches the queues. Section <c>JobsClient</c>.</summary>
public sealed class JobsClientOptions
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
    public string GatewayAppId { get; set; } = "queue-gateway";

    /// <summary>
    /// Whether jobs are added as Dapr events instead of by a call to the gateway. The call answers once the job is on record, and tells when it was there
    /// already; the event needs no gateway, and the job is on record a moment later. Only through the sidecar. Default: false.
    /// </summary>
    public bool PublishEvents { get; set; }

    /// <summary>An API key of the gateway, where it asks for one. Default: none.</summary>
    public string? ApiKey { get; set; }
}

/// <summary>Checks <see cref="JobsClientOptions"/> at start-up.</summary>
internal sealed class JobsClientOptionsValidator : IValidateOptions<JobsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, JobsClientOptions options)
    {
        List<string> errors = [];
        foreach (var (setting, address) in new[] { ("Gateway", options.Gateway), ("Sidecar", options.Sidecar) })
        {
            if (address is not null && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
            {
                errors.Add($"JobsClient:{setting} must be an absolute http or https address, for example http://localhost:5080.");
            }
        }

        if (options.PublishEvents && options.Gateway is not null)
        {
            errors.Add("JobsClient:PublishEvents needs the sidecar: leave JobsClient:Gateway out.");
        }

        if (string.IsNullOrWhiteSpace(options.GatewayAppId))
        {
            errors.Add("JobsClient:GatewayAppId must be the app id of the gateway.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
