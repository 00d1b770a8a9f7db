using System.Text.Json;
using WhiteCross.Sidecar.PubSub;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>Makes an envelope on the spot for a subscription with rawPayload; its id is another one at each delivery, as in Dapr.</summary>
internal static class RawEvent
{
    public static StreamEntry Wrap(StreamEntry entry, string pubSubName, string topic) => entry with
    {
        Data = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["specversion"] = "1.0",
            ["type"] = "com.dapr.event.sent",
            ["source"] = "Dapr",
            ["topic"] = topic,
            ["pubsubname"] = pubSubName,
            ["datacontenttype"] = "application/octet-stream",
            ["data_base64"] = Convert.ToBase64String(entry.Data.Span),
        }),
    };
}
