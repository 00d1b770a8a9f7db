using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies the recipient's devices. Each is on record for itself: a retry sends only to those that it has not reached.</summary>
internal sealed class PushChannel(FcmClient fcm, [FromKeyedServices(NotificationType.Push)] ProviderGuard guard, IOptions<PushOptions> options) : INotificationChannel
{
    // A job keeps 1,000 steps.
    private const int MaxDevices = 500;

    private readonly PushOptions _options = options.Value;

    public NotificationType Type => NotificationType.Push;

    public IEnumerable<string> SendNames(SendNotificationJob data) => (data.DeviceTokens ?? []).Select((_, index) => SendName(index));

    public async Task<SendNotificationResult> SendAsync(Job<SendNotificationJob> job, Guid notificationId, CancellationToken cancellationToken)
    {
        if (!_options.IsConfigured)
        {
            throw SendFailedException.Permanent($"push: no provider is configured; set {PushOptions.SectionName}:ServiceAccountFile of the message-notification service.");
        }

        var tokens = job.Data.DeviceTokens ?? [];
        if (tokens.Count > MaxDevices)
        {
            throw SendFailedException.Permanent($"deviceTokens: at most {MaxDevices} in one job; send the others with another one.");
        }

        var results = new DeviceResult[tokens.Count];
        var failures = new ConcurrentQueue<JobOutcome>();
        await Parallel.ForAsync(
            0,
            tokens.Count,
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                try
                {
                    results[index] = await SendAsync(job, FcmMessage.Of(job.Data, notificationId, tokens[index]), index, token);
                }
                catch (SendFailedException exception)
                {
                    failures.Enqueue(exception.Outcome);
                }
            });
        if (!failures.IsEmpty)
        {
            throw new SendFailedException(OutcomeOf([.. failures]));
        }

        if (results.All(one => one.Result == PushResult.Refused))
        {
            var errors = string.Join(", ", results.Select(one => one.Error).Distinct().Order(StringComparer.Ordinal));
            throw SendFailedException.Permanent($"push: FCM refused it for every device: {errors}.");
        }

        var result = results.Any(one => one.Result == PushResult.Sent) ? NotificationResult.Sent : NotificationResult.Unregistered;
        return new SendNotificationResult(notificationId, Type, result) { Devices = results };
    }

    // By its place: a token is nothing to show.
    private static string SendName(int index) => string.Create(CultureInfo.InvariantCulture, $"push:{index + 1}");

    // Whoever can still be reached comes first. Only where every device waits does the job, too: a device given up on is told from one that somebody wants to
    // try again by the attempts that were made since, and waiting makes none.
    private static JobOutcome OutcomeOf(IReadOnlyList<JobOutcome> failures)
    {
        if (failures.OfType<JobOutcome.Retry>().FirstOrDefault() is { } retry)
        {
            return retry;
        }

        var waits = failures.OfType<JobOutcome.Snooze>().ToArray();
        return waits.Length == 0 ? failures[0]
            : waits.MaxBy(wait => wait.For) is var longest && waits.Length == failures.Count ? longest!
            : new JobOutcome.Retry(longest!.Reason ?? "push: FCM asked to wait.", longest.For);
    }

    private Task<DeviceResult> SendAsync(Job job, FcmMessage message, int index, CancellationToken cancellationToken) =>
        new SendOnce(job, SendName(index), _options.OnUnknownOutcome, $"{PushOptions.SectionName}:{nameof(PushOptions.OnUnknownOutcome)}")
            .RunAsync((mark, token) => guard.RunAsync(limited => fcm.SendAsync(message, mark, limited), token), cancellationToken);
}
