using System.Diagnostics;
using System.Text.Json;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>The W3C context that a delivery carries when tracing is on: a span of the sidecar under the envelope's traceparent (dapr-facts 2.10).</summary>
internal static class DeliverySpan
{
    /// <returns>The traceparent of a new span; of a trace of its own when the envelope has none.</returns>
    public static string TraceParentFor(ReadOnlyMemory<byte> envelope)
    {
        var (trace, flags) = Find(envelope) is { } parent && ActivityContext.TryParse(parent, null, out var context)
            ? (context.TraceId, context.TraceFlags)
            : (ActivityTraceId.CreateRandom(), ActivityTraceFlags.Recorded);
        return $"00-{trace}-{ActivitySpanId.CreateRandom()}-{(flags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
    }

    private static string? Find(ReadOnlyMemory<byte> envelope)
    {
        try
        {
            using var document = JsonDocument.Parse(envelope);
            return document.RootElement.TryGetProperty("traceparent", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
