using System.Runtime.CompilerServices;
using System.Threading.Channels;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Hands the changes of one queue to whoever watches. A slow watcher loses the oldest ones.</summary>
internal sealed class ChangeFeed
{
    private const int Capacity = 1024;
    private readonly Lock _lock = new();
    private Channel<JobChange>[] _watchers = [];

    public void Publish(JobChange change)
    {
        foreach (var watcher in Volatile.Read(ref _watchers))
        {
            watcher.Writer.TryWrite(change);
        }
    }

    public async IAsyncEnumerable<JobChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<JobChange>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            _watchers = [.. _watchers, channel];
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers = [.. _watchers.Where(watcher => watcher != channel)];
            }
        }
    }
}
