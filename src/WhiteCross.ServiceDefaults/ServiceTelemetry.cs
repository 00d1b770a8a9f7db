using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>Traces and metrics. Nothing leaves the process unless an exporter's endpoint is set; <c>/metrics</c> is there for Prometheus always.</summary>
internal static partial class ServiceTelemetry
{
    /// <summary>Our activity sources and meters all begin with this: the jobs' is <c>WhiteCross.Jobs</c>.</summary>
    private const string OwnNames = "WhiteCross.*";

    /// <summary>OpenTelemetry's own setting; gives traces and metrics by OTLP.</summary>
    private const string OtlpSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>OpenTelemetry's own setting, for example <c>http://localhost:9411/api/v2/spans</c>: where Dapr's sidecars send their spans too.</summary>
    private const string ZipkinSetting = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

    private static readonly PathString[] Untraced = ["/healthz", "/readyz", "/metrics"];

    public static void AddServiceTelemetry(this WebApplicationBuilder builder, string serviceName)
    {
        var otlp = Endpoint(builder.Configuration, OtlpSetting);
        var zipkin = Endpoint(builder.Configuration, ZipkinSetting);

        builder.Services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            // Apps that share a process, as in the local system and in tests, hear each other's meters, ours and ASP.NET's; what another app made through its factory
            // is its own. But one that exports does so for all of them, as with traces: the others have no exporter.
            var own = provider.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => otlp is null && instrument.Meter.Scope is IMeterFactory other && other != own ? MetricStreamConfiguration.Drop : null);
        });
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                builder.Configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : serviceName, serviceNamespace: "whitecross"))
            .WithTracing(tracing =>
            {
                tracing.AddSource(OwnNames);
                // Its spans stand between ours and those of the HTTP calls that carry them; left out, the tree would have a gap.
                tracing.AddSource("Grpc.Net.Client");
                tracing.AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = context => !Untraced.Contains(context.Request.Path);
                    options.EnrichWithHttpRequest = (span, request) => HideKeys(span, "url.path", request.Path.Value);
                });
                tracing.AddHttpClientInstrumentation(options =>
                    options.EnrichWithHttpRequestMessage = (span, request) => HideKeys(
                        span, "url.full", request.RequestUri?.GetLeftPart(UriPartial.Path), request.Options.TryGetValue(HttpTraces.ShownAddress, out var shown) ? shown : null));
                if (otlp is not null)
                {
                    tracing.AddOtlpExporter(); // reads the setting itself: with the HTTP protocol each signal has a path of its own
                }

                if (zipkin is not null)
                {
#pragma warning disable CS0618 // OpenTelemetry prefers OTLP by now, but Zipkin is where `dapr init` has the sidecars' spans go.
                    tracing.AddZipkinExporter(options => options.Endpoint = zipkin);
#pragma warning restore CS0618
                }
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(OwnNames);
                metrics.AddAspNetCoreInstrumentation();
                metrics.AddHttpClientInstrumentation();
                metrics.AddRuntimeInstrumentation();
                metrics.AddPrometheusExporter();
                if (otlp is not null)
                {
                    metrics.AddOtlpExporter();
                }
            });
    }

    public static void MapServiceTelemetry(this WebApplication app) =>
        app.MapPrometheusScrapingEndpoint("/metrics").ForAnybody().TakesAnyRequest();

    // A device's token is where somebody is reached, and a link to unsubscribe is a key: both are in paths, and traces are for everybody who runs the system.
    private static void HideKeys(Activity span, string tag, string? address, string? shown = null)
    {
        if (shown is not null)
        {
            span.SetTag(tag, shown);
            return;
        }

        if (address is not null && KeyInPath().Match(address) is { Success: true } key)
        {
            span.SetTag(tag, $"{address[..(key.Index + key.Length)]}{{token}}");
        }
    }

    [GeneratedRegex("/(?:devices|notifications/unsubscribe)/(?=.)")]
    private static partial Regex KeyInPath();

    private static Uri? Endpoint(ConfigurationManager configuration, string setting)
    {
        var value = configuration[setting];
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : throw new SettingsException($"{setting} must be an absolute http or https address, for example http://localhost:9411/api/v2/spans.");
    }
}
