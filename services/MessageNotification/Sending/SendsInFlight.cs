using System.Collections.Concurrent;

namespace WhiteCross.MessageNotification;

/// <summary>
/// The sends that go on at the moment in this process. A slow provider may take longer than a run of a job may last; cutting the send off in the middle would
/// make its outcome unknown. So the run is left instead, and a later run of the job finds the send here.
/// </summary>
internal sealed class SendsInFlight(TimeProvider time)
{
    // Nobody has come back for it: the job was cancelled or removed, or another instance has taken it.
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, InFlightSend> _sends = new(StringComparer.Ordinal);

    /// <summary>The send of this key that an earlier run has left; null when there is none.</summary>
    public InFlightSend? Find(string key) => _sends.GetValueOrDefault(key);

    /// <summary>Keeps a send for a later run.</summary>
    public void Keep(string key, InFlightSend send)
    {
        foreach (var (other, old) in _sends)
        {
            if (old.Task.IsCompleted && time.GetUtcNow() - old.StartedAt > Kept)
            {
                _sends.TryRemove(other, out _);
            }
        }

        _sends[key] = send;
    }

    public void Forget(string key) => _sends.TryRemove(key, out _);
}

/// <summary>A send that goes on, whatever becomes of the run that began it.</summary>
internal sealed class InFlightSend(Task task, SendingMark mark, CancellationTokenSource cancellation, DateTimeOffset startedAt, DateTimeOffset goesOnUntil)
{
    public Task Task => task;

    public SendingMark Mark => mark;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>When it is over in any case.</summary>
    public DateTimeOffset GoesOnUntil => goesOnUntil;

    /// <summary>Begins a send.</summary>
    public static InFlightSend Start<T>(Func<CancellationToken, Task<T>> send, SendingMark mark, TimeSpan limit, TimeProvider time)
    {
        var cancellation = new CancellationTokenSource(limit, time);
        return new InFlightSend(RunAsync(), mark, cancellation, time.GetUtcNow(), time.GetUtcNow() + limit);

        async Task<T> RunAsync()
        {
            using (cancellation)
            {
                return await send(cancellation.Token);
            }
        }
    }

    /// <summary>Waits for its end, but no longer than until a moment.</summary>
    /// <returns>Whether it has ended.</returns>
    public async Task<bool> EndsUntilAsync(DateTimeOffset end, TimeProvider time, CancellationToken cancellationToken)
    {
        var patience = end - time.GetUtcNow();
        if (task.IsCompleted || patience <= TimeSpan.Zero)
        {
            return task.IsCompleted;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var limit = Task.Delay(patience, time, over.Token);
        await Task.WhenAny(task, limit);
        await over.CancelAsync();
        return task.IsCompleted;
    }

    /// <summary>Ends a send that has not begun, and waits for that.</summary>
    public async Task CancelAsync()
    {
        try
        {
            await cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }

        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
