using System.Globalization;
using System.Text.Json;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>Delivers the events of one subscription to the app, one by one or in bulk, and dead-letters what cannot be handled.</summary>
internal sealed partial class Subscriber
{
    private static readonly TimeSpan LongestDeadLetter = TimeSpan.FromSeconds(30);

    private readonly PubSubComponent _component;
    private readonly Publisher _publisher;
    private readonly SingleDelivery _single;
    private readonly BulkDelivery? _bulk;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public Subscriber(
        SubscriptionResource subscription, PubSubComponent component, Publisher publisher, AppChannel app, ResiliencyProvider resiliency, bool isTraced, TimeProvider time, ILogger logger)
    {
        Subscription = subscription;
        _component = component;
        _publisher = publisher;
        _time = time;
        _logger = logger;
        var policy = resiliency.ForComponentInbound(component.Name, ComponentKind.Pubsub);
        _single = new SingleDelivery(app, policy, component.Name, subscription.Topic, isTraced);
        _bulk = subscription.BulkSubscribe is { } settings ? new BulkDelivery(settings, app, policy, component.Name, subscription.Topic, subscription.RawPayload, isTraced, time, DeadLetterQuietlyAsync) : null;
    }

    public SubscriptionResource Subscription { get; }

    public async Task<HandlingResult> HandleAsync(StreamEntry entry, CancellationToken closing)
    {
        try
        {
            var received = Subscription.RawPayload ? RawEvent.Wrap(entry, _component.Name, Subscription.Topic) : entry;
            if (!TryRoute(received, out var path, out var failsDelivery))
            {
                return await DeadLetterAsync(entry, failsDelivery, closing);
            }

            var verdict = _bulk is null
                ? await _single.DeliverAsync(received, path, closing)
                : await _bulk.DeliverAsync(entry, path, closing); // Of raw events, it sends the bytes themselves.
            return verdict switch
            {
                DeliveryOutcome.Success => HandlingResult.Done,
                // A bulk has dead-lettered what it dropped.
                DeliveryOutcome.Dropped => _bulk is null ? await DeadLetterAsync(entry, isFailure: false, closing) : HandlingResult.Done,
                DeliveryOutcome.Closing => HandlingResult.Closing,
                _ => await DeadLetterAsync(entry, isFailure: true, closing),
            };
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            return HandlingResult.Closing;
        }
    }

    /// <summary>Finds the path of an event; false when it is not to be delivered: expired, unreadable, or without a route.</summary>
    private bool TryRoute(StreamEntry entry, out string path, out bool isFailure)
    {
        path = string.Empty;
        isFailure = false;
        try
        {
            if (IsExpired(entry.Data.Span))
            {
                return false;
            }

            if (Subscription.Rules is [{ Match: null }, ..])
            {
                path = Subscription.Rules[0].Path;
                return true;
            }

            using var document = JsonDocument.Parse(entry.Data, DaprJson.Options);
            foreach (var rule in Subscription.Rules)
            {
                if (rule.Match?.Matches(document.RootElement) ?? true)
                {
                    path = rule.Path;
                    return true;
                }
            }

            return false;
        }
        catch (Exception exception) when (exception is JsonException or CelEvaluationException or InvalidOperationException)
        {
            LogUnreadable(_logger, exception, Subscription.Topic);
            isFailure = true;
            return false;
        }
    }

    /// <summary>Reads the whole event once, so that what is no JSON object is found, and looks at its expiration.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    private bool IsExpired(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DaprJson.MaxDepth });
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
        {
            throw new JsonException("The event is not a JSON object.");
        }

        string? expiration = null;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("expiration"u8))
            {
                reader.Read();
                expiration = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
        }

        return DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) && until <= _time.GetUtcNow();
    }

    private async Task<HandlingResult> DeadLetterAsync(StreamEntry entry, bool isFailure, CancellationToken closing)
    {
        if (closing.IsCancellationRequested)
        {
            return HandlingResult.Closing;
        }

        if (Subscription.DeadLetterTopic is not { Length: > 0 } topic)
        {
            return isFailure ? HandlingResult.Failed : HandlingResult.Done;
        }

        using var limit = new CancellationTokenSource(LongestDeadLetter, _time);
        try
        {
            await _publisher.ForwardAsync(_component, topic, entry, limit.Token);
            return HandlingResult.Done;
        }
        catch (Exception exception) when (exception is SidecarApiException or OperationCanceledException)
        {
            LogDeadLetterFailed(_logger, exception, topic);
            return HandlingResult.Failed;
        }
    }

    private Task DeadLetterQuietlyAsync(StreamEntry entry, CancellationToken closing) => DeadLetterAsync(entry, isFailure: false, closing);

    [LoggerMessage(LogLevel.Warning, "An event of topic {Topic} cannot be read or routed")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string topic);

    [LoggerMessage(LogLevel.Error, "A dead letter could not be published to topic {Topic}")]
    private static partial void LogDeadLetterFailed(ILogger logger, Exception exception, string topic);
}

/// <summary>What became of a delivery.</summary>
internal enum DeliveryOutcome
{
    /// <summary>The app has handled it.</summary>
    Success,

    /// <summary>The app does not want it: dead-letter it, once.</summary>
    Dropped,

    /// <summary>The policy gave up.</summary>
    Failed,

    /// <summary>The subscription closes.</summary>
    Closing,
}
