using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace WhiteCross.Gateway;

/// <summary>
/// Posts alerts that are due. An attempt is claimed in the store before it is made, so that of several gateways one makes it; one that dies meanwhile leaves the
/// claim to run out, and the post is made again under the same id.
/// </summary>
internal sealed partial class AlertPoster(
    IVersionedStore<StoredAlert> alerts, IHttpClientFactory clients, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertPoster> logger)
{
    public const string ClientName = "alerts";

    /// <summary>How long one post may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Claim = Timeout * 3;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);

    public async Task PostDueAsync(CancellationToken cancellationToken)
    {
        // Each webhook is told of an alert in the order in which it happened: what is raised before what is resolved.
        var first = (await alerts.ListAsync(StoredAlert.Group, cancellationToken))
            .SelectMany(alert => alert.Deliveries.GroupBy(delivery => delivery.Webhook).Select(deliveries => (Alert: alert, Delivery: deliveries.First())))
            .Where(next => next.Delivery.NextAttemptAt <= time.GetUtcNow())
            .GroupBy(next => next.Delivery.Webhook);
        await Task.WhenAll(first.Select(webhook => PostToOneAsync(webhook.Key, [.. webhook], cancellationToken)));
    }

    private async Task PostToOneAsync(string key, IReadOnlyList<(StoredAlert Alert, AlertDelivery Delivery)> due, CancellationToken cancellationToken)
    {
        var webhook = options.Value.Webhooks.FirstOrDefault(known => known.Key == key);
        foreach (var (alert, delivery) in due)
        {
            if (webhook is null)
            {
                await ChangeAsync(alert, delivery.Id, _ => null, cancellationToken); // It has been taken out of the settings.
                continue;
            }

            var claimed = delivery with { Attempts = delivery.Attempts + 1, NextAttemptAt = time.GetUtcNow() + Claim };
            if (!await ChangeAsync(alert, delivery.Id, present => present == delivery ? claimed : present, cancellationToken))
            {
                continue; // Another gateway has it.
            }

            var problem = await PostAsync(webhook, claimed, cancellationToken);
            if (problem is null)
            {
                await ChangeAsync(alert, delivery.Id, _ => null, cancellationToken);
            }
            else if (claimed.Attempts >= options.Value.MaxAttempts)
            {
                LogGivenUp(alert.Kind, alert.Queue, claimed.Attempts, problem);
                await ChangeAsync(alert, delivery.Id, _ => null, cancellationToken);
            }
            else
            {
                LogFailed(alert.Kind, alert.Queue, claimed.Attempts, problem);
                await ChangeAsync(alert, delivery.Id, present => present with { NextAttemptAt = time.GetUtcNow() + Backoff(claimed.Attempts) }, cancellationToken);
            }
        }
    }

    /// <returns>What went wrong; null when the receiver has it. Never the address: it may hold a token.</returns>
    private async Task<string?> PostAsync(WebhookOptions webhook, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            using var suppression = SuppressInstrumentationScope.Begin(); // A span would hold the address.
            using var client = clients.CreateClient(ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url);
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            request.Headers.Add("X-WhiteCross-Delivery", delivery.Id);
            request.Headers.Add("X-WhiteCross-Signature", AlertMessage.Sign(delivery.Body, webhook.ReadSecret(), time.GetUtcNow()));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return $"it could not be reached ({exception.HttpRequestError})";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "it did not answer in time";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "its SecretFile could not be read";
        }
    }

    /// <summary>Changes one delivery, whatever else changes in its alert meanwhile; false when it stayed as it was or is gone.</summary>
    private async Task<bool> ChangeAsync(StoredAlert alert, string deliveryId, Func<AlertDelivery, AlertDelivery?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = await alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(alert.Queue, alert.Kind), cancellationToken);
            if (current?.Deliveries.FirstOrDefault(delivery => delivery.Id == deliveryId) is not { } present)
            {
                return false;
            }

            var next = change(present);
            if (next == present)
            {
                return false;
            }

            AlertDelivery[] deliveries = [.. current.Deliveries.Select(delivery => delivery.Id == deliveryId ? next : delivery).OfType<AlertDelivery>()];
            if (await alerts.ReplaceAsync(current, current with { Deliveries = deliveries }, cancellationToken))
            {
                return true;
            }
        }
    }

    private TimeSpan Backoff(int attempts)
    {
        var delay = Math.Min(options.Value.BackoffDelay.TotalSeconds * Math.Pow(2, attempts - 1), LongestBackoff.TotalSeconds);
#pragma warning disable CA5394 // Spreading attempts needs no secret.
        return TimeSpan.FromSeconds(delay * (0.8 + (0.4 * Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }

    [LoggerMessage(LogLevel.Warning, "An alert ({Kind} of {Queue}) was not posted to a webhook at attempt {Attempt}: {Problem}; it is tried again")]
    private partial void LogFailed(string kind, string queue, int attempt, string problem);

    [LoggerMessage(LogLevel.Error, "An alert ({Kind} of {Queue}) was given up after {Attempts} attempts to post it to a webhook: {Problem}")]
    private partial void LogGivenUp(string kind, string queue, int attempts, string problem);
}
