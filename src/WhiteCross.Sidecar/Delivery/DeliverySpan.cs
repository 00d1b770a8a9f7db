using System.Diagnostics;
using System.Text.Json;
using WhiteCross.Sidecar.Api;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>
/// The sidecar's span of a delivery when tracing is on, <c>pubsub/&lt;topic&gt;</c> under the envelope's traceparent. The app gets its context
/// whether anybody records the span or not.
/// </summary>
internal readonly struct DeliverySpan : IDisposable
{
    /// <summary>Where the spans come from.</summary>
    public static readonly ActivitySource Source = new("WhiteCross.Sidecar");

    private readonly Activity? _activity;

    private DeliverySpan(Activity? activity, string traceParent) => (_activity, TraceParent) = (activity, traceParent);

    /// <summary>The W3C traceparent of the span; of a trace of its own when the envelope has none.</summary>
    public string TraceParent { get; }

    /// <summary>Starts the span.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="envelope">The event.</param>
    public static DeliverySpan Start(string topic, ReadOnlyMemory<byte> envelope)
    {
        var hasParent = ActivityContext.TryParse(Find(envelope), null, isRemote: true, out var parent);
        if (Source.StartActivity($"pubsub/{topic}", ActivityKind.Consumer, parent) is { } activity)
        {
            return new DeliverySpan(activity, activity.Id!);
        }

        var (trace, isRecorded) = hasParent ? (parent.TraceId, parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) : (ActivityTraceId.CreateRandom(), true);
        return new DeliverySpan(null, $"00-{trace}-{ActivitySpanId.CreateRandom()}-{(isRecorded ? "01" : "00")}");
    }

    /// <summary>Ends the span.</summary>
    public void Dispose() => _activity?.Dispose();

    private static string? Find(ReadOnlyMemory<byte> envelope)
    {
        try
        {
            using var document = JsonDocument.Parse(envelope, DaprJson.Options);
            return document.RootElement.TryGetProperty("traceparent", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
