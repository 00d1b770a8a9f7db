using System.Net.Http.Headers;
using System.Text.Json;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Resiliency;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>Delivers one event in one call.</summary>
internal sealed class SingleDelivery(AppChannel app, ResiliencePolicy policy, string pubSubName, string topic, bool isTraced)
{
    public async Task<DeliveryOutcome> DeliverAsync(StreamEntry entry, string path, CancellationToken closing)
    {
        using var series = new DeliverySeries(closing);
        try
        {
            return await policy.ExecuteAsync(token => series.AttemptAsync(CallAsync(entry, path, token)), series.Token);
        }
        catch (Exception exception) when (DeliverySeries.IsFailure(exception))
        {
            return closing.IsCancellationRequested ? DeliveryOutcome.Closing : DeliveryOutcome.Failed;
        }
    }

    private async Task<DeliveryOutcome> CallAsync(StreamEntry entry, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, path)) { Content = new ReadOnlyMemoryContent(entry.Data) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvents.ContentType);
        foreach (var (key, value) in entry.Metadata)
        {
            request.Headers.TryAddWithoutValidation(key, value);
        }

        if (!entry.Metadata.ContainsKey("pubsubName"))
        {
            request.Headers.TryAddWithoutValidation("pubsubName", pubSubName);
        }

        using DeliverySpan? span = isTraced ? DeliverySpan.Start(topic, entry.Data) : null;
        if (span is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", span.Value.TraceParent);
        }

        // A call that has begun is waited for when the subscription closes: only the policy's timeout ends it.
        var answer = await app.CallAsync(request, cancellationToken);
        if (answer.Status == 404)
        {
            return DeliveryOutcome.Dropped;
        }

        if (!answer.IsSuccess)
        {
            throw new StatusCodeException(answer.Status, null);
        }

        return StatusOf(answer.Body) switch
        {
            null or "" or "SUCCESS" => DeliveryOutcome.Success,
            "DROP" => DeliveryOutcome.Dropped,
            _ => throw new AskedAgainException(),
        };
    }

    private static string? StatusOf(byte[] body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("status", out var status)
                ? status.ValueKind switch
                {
                    JsonValueKind.String => status.GetString(),
                    JsonValueKind.Null => null,
                    // Not text: the body is not an answer that can be read, which is as good as none.
                    _ => null,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
