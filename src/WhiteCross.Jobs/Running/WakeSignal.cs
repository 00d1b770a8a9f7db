using System.Threading.Channels;

namespace WhiteCross.Jobs.Running;

/// <summary>Wakes loops; many wakes before they look count as one.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>No wake will come any more.</summary>
    public void Complete() => _channel.Writer.TryComplete();

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
}
