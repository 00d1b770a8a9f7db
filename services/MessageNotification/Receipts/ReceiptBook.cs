using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Enters what providers say became of notifications: in the notification itself, which the user's list shows, in its job's record, and, where an address
/// is no good, in the suppression list. The same receipt again changes nothing.
/// </summary>
internal sealed partial class ReceiptBook(
    DeliveryStore deliveries, SuppressionStore suppressions, PreferenceStore preferences, NotificationStore notifications, JobReceipts jobs, TimeProvider time, ILogger<ReceiptBook> logger)
{
    public async Task<ReceiptsTaken> TakeAsync(IEnumerable<Receipt> receipts, CancellationToken cancellationToken)
    {
        var taken = new ReceiptsTaken(0, 0, 0);
        foreach (var receipt in receipts)
        {
            taken += await TakeAsync(receipt, cancellationToken);
        }

        return taken;
    }

    public async Task<ReceiptsTaken> TakeAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var found = await FindAsync(receipt, cancellationToken);
        var moved = 0;
        foreach (var delivery in found)
        {
            await SuppressAsync(receipt, delivery, cancellationToken);
            if (receipt.State == NotificationState.Unsubscribed)
            {
                await OptOutAsync(delivery, cancellationToken);
            }

            if (await deliveries.MoveAsync(delivery, receipt.State, receipt.Code, receipt.At, cancellationToken))
            {
                moved++;
                LogMoved(delivery.NotificationId, receipt.Channel, receipt.State);
                await jobs.EnterAsync(delivery, receipt, cancellationToken);
            }
        }

        return new ReceiptsTaken(1, moved, found.Count == 0 ? 1 : 0);
    }

    private async Task<IReadOnlyList<NotificationDelivery>> FindAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var found = receipt.ProviderId is { } id ? await deliveries.FindByProviderIdAsync(receipt.Channel, id, cancellationToken) : [];
        return found.Count > 0 || receipt.NotificationId is not { } notification ? found
            : await deliveries.FindAsync(notification, receipt.Channel, cancellationToken) is { } named ? [named] : [];
    }

    private async Task SuppressAsync(Receipt receipt, NotificationDelivery delivery, CancellationToken cancellationToken)
    {
        // Ours comes first: a report may name the address that a mail was passed on to, or whatever its sender likes.
        if (receipt.Suppress is not { } reason || (delivery.Address ?? receipt.Address) is not { } address)
        {
            return;
        }

        await suppressions.AddAsync(
            new Suppression
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Channel = receipt.Channel,
                Address = Addresses.Comparable(receipt.Channel, address),
                Reason = reason,
                Detail = receipt.Code,
                NotificationId = delivery.NotificationId,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
    }

    private async Task OptOutAsync(NotificationDelivery delivery, CancellationToken cancellationToken)
    {
        if (await notifications.FindAsync(delivery.NotificationId, cancellationToken) is { } notification && CategoryChoices.NameOf(notification.Category) is { } category)
        {
            await preferences.OptOutAsync(notification.UserId, category, delivery.Channel, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Notification {NotificationId} by {Channel}: its provider says {State}")]
    private partial void LogMoved(Guid notificationId, NotificationType channel, NotificationState state);
}
