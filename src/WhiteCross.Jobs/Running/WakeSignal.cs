using System.Threading.Channels;

namespace WhiteCross.Jobs.Running;

/// <summary>Wakes loops; many wakes before they look count as one.</summary>
public sealed class WakeSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes.</summary>
    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>No wake will come any more.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Waits for a wake.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when no wake will come any more.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (!await _channel.Reader.WaitToReadAsync(cancellationToken))
        {
            return false;
        }

        _channel.Reader.TryRead(out _);
        return true;
    }

    /// <summary>Waits for a wake, but not for longer than this.</summary>
    /// <param name="atMost">How long; not at all when it is not above zero.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when no wake will come any more.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        if (atMost <= TimeSpan.Zero)
        {
            return true;
        }

        // In whole milliseconds and not less: a timer cuts off their parts, and whoever looks again too early waits for nothing, again and again.
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Ceiling(atMost.TotalMilliseconds)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }
}
