namespace WhiteCross.MessageDelivery;

/// <summary>
/// Adds the jobs that a sent message brings with it in other queues. Called again when an attempt is repeated: job ids are made from the message's id, so
/// that a job is added once.
/// </summary>
public interface IFollowUpJobs
{
    /// <summary>Has the message indexed for search; an encrypted one only where <see cref="DeliveryOptions.IndexEncrypted"/> allows it.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task IndexAsync(Message message, CancellationToken cancellationToken);

    /// <summary>Has the recipient notified, who is not connected: in the app, and by e-mail where an address is known.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="recipientEmail">The recipient's e-mail address; null when the message's publisher gave none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task NotifyRecipientAsync(Message message, string? recipientEmail, CancellationToken cancellationToken);
}
