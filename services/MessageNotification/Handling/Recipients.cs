using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Who gets a notification, and where.</summary>
/// <param name="Data">The job's data, with the recipient's registered addresses where it names none.</param>
/// <param name="Contact">The recipient's own entry for the channel; null where there is none.</param>
internal sealed record Recipient(SendNotificationJob Data, Contact? Contact);

/// <summary>Finds where a recipient is reached: where the job says, otherwise where the recipient has registered.</summary>
internal sealed class Recipients(ContactStore contacts, DeviceStore devices)
{
    public async Task<Recipient> FindAsync(SendNotificationJob data, CancellationToken cancellationToken)
    {
        switch (data.Type)
        {
            case NotificationType.Email:
                var mailbox = await contacts.FindAsync(data.RecipientId, data.Type, cancellationToken);
                return new Recipient(data.RecipientEmail is null ? data with { RecipientEmail = mailbox?.Address } : data, mailbox);
            case NotificationType.Sms:
                var phone = await contacts.FindAsync(data.RecipientId, data.Type, cancellationToken);
                return new Recipient(data.RecipientPhone is null ? data with { RecipientPhone = phone?.Address } : data, phone);
            case NotificationType.Push when data.DeviceTokens is not { Count: > 0 }:
                var known = await devices.ListAsync(data.RecipientId, cancellationToken);
                return new Recipient(data with { DeviceTokens = [.. known.Select(one => one.Token)] }, null);
            default:
                return new Recipient(data, null);
        }
    }

    /// <summary>What to say of a job that names no address, and whose recipient has registered none.</summary>
    public static string? Missing(SendNotificationJob data) => data.Type switch
    {
        NotificationType.Email when data.RecipientEmail is null => "recipientEmail: is needed, since the recipient has registered no address with PUT /users/{id}/contacts/email.",
        NotificationType.Sms when data.RecipientPhone is null => "recipientPhone: is needed, since the recipient has registered no number with PUT /users/{id}/contacts/sms.",
        NotificationType.Push when data.DeviceTokens is not { Count: > 0 } => "deviceTokens: are needed, since the recipient has registered no device with PUT /users/{id}/devices/{token}.",
        _ => null,
    };
}
