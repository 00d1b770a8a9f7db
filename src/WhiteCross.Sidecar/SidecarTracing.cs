using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using WhiteCross.Sidecar.Delivery;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar;

/// <summary>The sidecar's own spans, sent to Zipkin where its Configuration says so.</summary>
internal static class SidecarTracing
{
    /// <summary>Starts sending; null when the Configuration names no Zipkin or switches tracing off.</summary>
    public static TracerProvider? Start(string appId, TracingConfiguration tracing)
    {
        if (!tracing.IsOn || tracing.ZipkinEndpoint is not { } zipkin)
        {
            return null;
        }

#pragma warning disable CS0618 // OpenTelemetry prefers OTLP by now, but Zipkin is what Dapr's Configuration names.
        return Sdk.CreateTracerProviderBuilder()
            .AddSource(DeliverySpan.Source.Name)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(tracing.SamplingRate)))
            .ConfigureResource(resource => resource.AddService(appId))
            .AddZipkinExporter(options => options.Endpoint = zipkin)
            .Build();
#pragma warning restore CS0618
    }
}
