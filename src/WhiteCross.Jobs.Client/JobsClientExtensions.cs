using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Client;

/// <summary>Puts the client into a service.</summary>
public static class JobsClientExtensions
{
    /// <summary>
    /// Adds <see cref="IJobsClient"/> and <see cref="IQueuesClient"/>. Their HTTP client, which follows no redirects, can be configured further by what is returned.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes to the options, on top of the section <c>JobsClient</c>.</param>
    public static IHttpClientBuilder AddJobsClient(this IServiceCollection services, Action<JobsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddSettings<JobsClientOptions>(JobsClientOptions.SectionName);
        options.Configure<IConfiguration>((target, configuration) =>
        {
            target.Sidecar ??= SidecarOf(configuration);
            target.SidecarToken ??= configuration["DAPR_API_TOKEN"];
        });
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return services.AddHttpClient<IJobsClient, JobsClient>(Configure)
            .ConfigurePrimaryHttpMessageHandler(GatewayTransport.CreateHandler)
            .AddTypedClient<IQueuesClient, QueuesClient>();

        static void Configure(IServiceProvider provider, HttpClient http)
        {
            var value = provider.GetRequiredService<IOptions<JobsClientOptions>>().Value;
            http.BaseAddress = value.Gateway ?? value.Sidecar;
            // Streams of events stay open; every other call has its caller's token.
            http.Timeout = Timeout.InfiniteTimeSpan;
            if (value.Gateway is null && value.SidecarToken is { Length: > 0 } token)
            {
                http.DefaultRequestHeaders.Add("dapr-api-token", token);
            }

            if (value.ApiKey is { Length: > 0 } key)
            {
                http.DefaultRequestHeaders.Add("X-Api-Key", key);
            }
        }
    }

    private static Uri SidecarOf(IConfiguration configuration) =>
        configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint && Uri.TryCreate(endpoint, UriKind.Absolute, out var address)
            ? address
            : new Uri($"http://localhost:{(configuration["DAPR_HTTP_PORT"] is { Length: > 0 } port ? port : "3500")}");
}
