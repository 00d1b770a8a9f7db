using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What speaks against sending a notification now.</summary>
/// <param name="State">What becomes of it.</param>
/// <param name="Reason">Why, in a word.</param>
/// <param name="Until">Until when it waits; null when it is not sent at all, or goes with others.</param>
internal sealed record Objection(NotificationState State, string Reason, DateTimeOffset? Until = null);

/// <summary>Asks, before every try, whether the recipient wants the notification: a night may have begun, or an address bounced, while it waited.</summary>
internal sealed class Objections(DeliveryStore deliveries, PreferenceStore preferences, SuppressionStore suppressions, DigestMails digests, TimeProvider time)
{
    public async Task<Objection?> FindAsync(SendAttempt attempt, Recipient recipient, string? address, CancellationToken cancellationToken)
    {
        var data = attempt.Data;
        if (Recipients.Missing(data) is { } missing)
        {
            // A step of an escalation is a courtesy; whoever asked for the channel itself learns that it cannot be.
            return data.Escalate == true ? Suppressed(Reasons.NoAddress) : throw SendFailedException.Permanent(missing);
        }

        if (data.Type != NotificationType.InApp && await deliveries.IsReadAsync(attempt.NotificationId, cancellationToken))
        {
            return Suppressed(Reasons.Read);
        }

        var wishes = await preferences.FindAsync(data.RecipientId, cancellationToken);
        if (wishes?.IsOptedOut(data.Type, data.Category) == true)
        {
            return Suppressed(Reasons.OptedOut);
        }

        if (recipient.Contact is { Consent: false })
        {
            return Suppressed(Reasons.NoConsent);
        }

        if (address is not null && await suppressions.FindAsync(data.Type, address, cancellationToken) is { } suppression)
        {
            return Suppressed(Reasons.Of(suppression.Reason));
        }

        if (wishes?.QuietUntil(data.Type, attempt.IsUrgent, time.GetUtcNow()) is { } until)
        {
            return new Objection(NotificationState.Suppressed, Reasons.QuietHours, until);
        }

        return await digests.GatherAsync(attempt, wishes, cancellationToken) ? new Objection(NotificationState.Deferred, Reasons.Digest) : null;
    }

    private static Objection Suppressed(string reason) => new(NotificationState.Suppressed, reason);
}
