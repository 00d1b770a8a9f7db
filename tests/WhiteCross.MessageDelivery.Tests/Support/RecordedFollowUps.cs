using System.Collections.Concurrent;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Keeps which follow-up jobs were asked for; fails as often as it is told to.</summary>
public sealed class RecordedFollowUps : IFollowUpJobs
{
    private int _failures;

    public ConcurrentQueue<Guid> Indexed { get; } = new();

    public ConcurrentQueue<Guid> Notified { get; } = new();

    public void FailNext(int times) => _failures = times;

    public Task IndexAsync(Message message, CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new IOException("The queue is away.");
        }

        Indexed.Enqueue(message.Id);
        return Task.CompletedTask;
    }

    public Task NotifyRecipientAsync(Message message, string? recipientEmail, CancellationToken cancellationToken)
    {
        Notified.Enqueue(message.Id);
        return Task.CompletedTask;
    }
}
