namespace WhiteCross.MessageDelivery;

/// <summary>
/// Adds the jobs that a sent message brings with it in other queues. Called again when an attempt is repeated: job ids are made from the message's id, so
/// that a job is added once.
/// </summary>
public interface IFollowUpJobs
{
    /// <summary>Has the message indexed for search.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task IndexAsync(Message message, CancellationToken cancellationToken);

    /// <summary>Has the recipient notified, who is not connected.</summary>
    /// <param name="message">The message, as stored.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task NotifyRecipientAsync(Message message, CancellationToken cancellationToken);
}

/// <summary>Adds none.</summary>
internal sealed class NoFollowUpJobs : IFollowUpJobs
{
    public Task IndexAsync(Message message, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task NotifyRecipientAsync(Message message, CancellationToken cancellationToken) => Task.CompletedTask;
}
