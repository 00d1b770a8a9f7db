using System.Collections.Concurrent;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Keeps which follow-up jobs were asked for; fails as often as it is told to.</summary>
internal sealed class RecordedFollowUps : IFollowUpJobs
{
    private int _failures;

    public ConcurrentQueue<Guid> Indexed { get; } = new();

    public ConcurrentQueue<Guid> Notified { get; } = new();

    public void FailNext(int times) => _failures = times;

    public ConcurrentQueue<Guid> Forgotten { get; } = new();

    /// <summary>Whom of each message, and at which address.</summary>
    public ConcurrentQueue<(Guid MessageId, Guid UserId, string? Email)> Notifications { get; } = new();

    public Task IndexAsync(Message message, IReadOnlyList<Guid> members, CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new IOException("The queue is away.");
        }

        Indexed.Enqueue(message.Id);
        return Task.CompletedTask;
    }

    public Task ForgetAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        foreach (var id in messageIds)
        {
            Forgotten.Enqueue(id);
        }

        return Task.CompletedTask;
    }

    public Task NotifyAsync(Message message, Guid recipientId, string? email, CancellationToken cancellationToken)
    {
        Notified.Enqueue(message.Id);
        Notifications.Enqueue((message.Id, recipientId, email));
        return Task.CompletedTask;
    }
}
