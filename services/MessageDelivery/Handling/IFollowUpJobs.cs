namespace WhiteCross.MessageDelivery;

/// <summary>
/// Adds the jobs that a sent message brings with it in other queues. Called again when an attempt is repeated: job ids are made from the message's id, so
/// that a job is added once.
/// </summary>
internal interface IFollowUpJobs
{
    /// <summary>Has the message indexed for search; an encrypted one only where <see cref="DeliveryOptions.IndexEncrypted"/> allows it.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="members">Those who have a copy of it, and find it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task IndexAsync(Message message, IReadOnlyList<Guid> members, CancellationToken cancellationToken);

    /// <summary>Has messages taken out of the index.</summary>
    /// <param name="messageIds">The messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ForgetAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Has a recipient notified who does not have the message: in the app, and by e-mail where an address is known.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="recipientId">The recipient.</param>
    /// <param name="email">The recipient's e-mail address; null when the message's publisher gave none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task NotifyAsync(Message message, Guid recipientId, string? email, CancellationToken cancellationToken);
}
