using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies the recipient's devices. Each is on record for itself: a retry sends only to those that it has not reached.</summary>
internal sealed class PushChannel(
    FcmClient fcm,
    [FromKeyedServices(NotificationType.Push)] ProviderGuard guard,
    DeviceStore devices,
    IOptions<PushOptions> options,
    SendsInFlight inFlight,
    TimeProvider time) : INotificationChannel
{
    // A job keeps 1,000 steps.
    private const int MaxDevices = 500;

    private readonly PushOptions _options = options.Value;

    public NotificationType Type => NotificationType.Push;

    public IEnumerable<string> SendNames(SendAttempt attempt) => (attempt.Data.DeviceTokens ?? []).Select((token, index) => SendName(attempt, token, index));

    public async Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        if (!_options.IsConfigured)
        {
            throw SendFailedException.Permanent($"push: no provider is configured; set {PushOptions.SectionName}:ServiceAccountFile of the message-notification service.");
        }

        // A token named twice is one device.
        var named = attempt.Data.DeviceTokens ?? [];
        var tokens = named.Distinct(StringComparer.Ordinal).ToArray();
        if (tokens.Length > MaxDevices)
        {
            throw SendFailedException.Permanent($"deviceTokens: at most {MaxDevices} in one job; send the others with another one.");
        }

        var results = new DeviceResult?[tokens.Length];
        var failures = new ConcurrentQueue<SendFailure>();
        await Parallel.ForAsync(
            0,
            tokens.Length,
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                try
                {
                    results[index] = await SendAsync(attempt, tokens[index], index, token);
                }
                catch (SendFailedException exception)
                {
                    failures.Enqueue(exception.Failure);
                }
            });
        await ForgetAsync(tokens, results, cancellationToken);
        if (!failures.IsEmpty)
        {
            var failure = FailureOf([.. failures]);
            var reached = results.Count(one => one?.Result == PushResult.Sent);
            throw new SendFailedException(reached == 0
                ? failure
                : failure with { Reason = string.Create(CultureInfo.InvariantCulture, $"push: reached {reached} of {tokens.Length} devices; {failure.Reason}") });
        }

        if (results.All(one => one!.Result == PushResult.Refused))
        {
            var errors = string.Join(", ", results.Select(one => one!.Error).Distinct().Order(StringComparer.Ordinal));
            throw SendFailedException.Permanent($"push: FCM refused it for every device: {errors}.");
        }

        var result = results.Any(one => one!.Result == PushResult.Sent) ? NotificationState.Sent : NotificationState.Unregistered;
        return new SendNotificationResult(attempt.NotificationId, Type, result) { Provider = "fcm", Devices = [.. named.Select(token => results[Array.IndexOf(tokens, token)]!)] };
    }

    // A token is nothing to show. Those of a job keep their places; registered ones may be others in the next run, and are told apart by a digest.
    private static string SendName(SendAttempt attempt, string token, int index) => attempt.Job.Data.DeviceTokens is { Count: > 0 }
        ? string.Create(CultureInfo.InvariantCulture, $"push:{index + 1}")
        : $"push:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)).AsSpan(0, 8))}";

    private async Task ForgetAsync(string[] tokens, DeviceResult?[] results, CancellationToken cancellationToken)
    {
        var gone = tokens.Where((_, index) => results[index]?.Result == PushResult.Unregistered).ToArray();
        if (gone.Length > 0)
        {
            await devices.ForgetAsync(gone, cancellationToken);
        }
    }

    // Whoever can still be reached comes first, and soonest: only where no device waits any more does the job fail.
    private static SendFailure FailureOf(IReadOnlyList<SendFailure> failures) =>
        failures.Where(one => one.Kind != SendFailureKind.Permanent).OrderBy(one => one.Kind).ThenBy(one => one.Hint ?? TimeSpan.Zero).FirstOrDefault() ?? failures[0];

    private Task<DeviceResult> SendAsync(SendAttempt attempt, string token, int index, CancellationToken cancellationToken)
    {
        var plan = new SendPlan(
            SendName(attempt, token, index),
            _options,
            _options.OnUnknownOutcome,
            $"{PushOptions.SectionName}:{nameof(PushOptions.OnUnknownOutcome)}",
            "look at the device: FCM tells nobody")
        {
            ShowsOnce = true,
        };
        var message = FcmMessage.Of(attempt.Data, attempt.NotificationId, token);
        return new SendOnce(attempt.Job, attempt.Life, plan, inFlight, time).RunAsync(
            (mark, sending) => guard.RunAsync(attempt.Place, limited => fcm.SendAsync(message, mark, limited), sending), cancellationToken);
    }
}
