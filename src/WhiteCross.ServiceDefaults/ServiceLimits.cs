using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>What a service takes from a connection. Section <c>Limits</c>.</summary>
public sealed class ServiceLimits
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Limits";

    /// <summary>
    /// The largest request body in bytes, 1 KiB–1 GiB. Default: 16 MiB, room for a sidecar's bulk delivery of jobs; an endpoint that takes less or
    /// more says so itself with a <c>RequestSizeLimitAttribute</c>.
    /// </summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public long MaxRequestBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Open connections at once, 1–100,000, web sockets not counted. Default: 10,000.</summary>
    [Range(1, 100_000)]
    public long MaxConnections { get; set; } = 10_000;

    /// <summary>Open web sockets at once, 1–1,000,000. Default: 50,000.</summary>
    [Range(1, 1_000_000)]
    public long MaxUpgradedConnections { get; set; } = 50_000;

    /// <summary>How long the headers of a request may take, in seconds, 1–300. Default: 15; keeps slow senders from holding connections.</summary>
    [Range(1, 300)]
    public int RequestHeadersTimeoutSeconds { get; set; } = 15;
}

/// <summary>Puts the limits on the server.</summary>
internal sealed class ConfigureKestrelLimits(IOptions<ServiceLimits> limits) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = limits.Value.MaxRequestBodyBytes;
        options.Limits.MaxConcurrentConnections = limits.Value.MaxConnections;
        options.Limits.MaxConcurrentUpgradedConnections = limits.Value.MaxUpgradedConnections;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.Value.RequestHeadersTimeoutSeconds);
    }
}

/// <summary>Registers the limits.</summary>
internal static class ServiceLimitsSetup
{
    public static void AddServiceLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ServiceLimits>(ServiceLimits.SectionName);
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ConfigureKestrelLimits>();
    }
}
