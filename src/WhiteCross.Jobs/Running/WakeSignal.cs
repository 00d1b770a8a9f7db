using System.Threading.Channels;

namespace WhiteCross.Jobs.Running;

/// <summary>Wakes a loop; many wakes before it looks count as one.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

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
