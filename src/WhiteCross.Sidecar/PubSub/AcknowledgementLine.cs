using StackExchange.Redis;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>
/// Acknowledgements of one stream: those that come while others are on their way go out together, in one command. For Redis it is the same as one
/// by one; what it saves is a command for each event of a bulk.
/// </summary>
internal sealed class AcknowledgementLine(Func<RedisValue[], Task> acknowledge)
{
    private const int AtOnce = 1000;

    private readonly Lock _lock = new();
    private Batch? _next;
    private bool _isSending;

    /// <summary>Acknowledges an entry.</summary>
    /// <returns>Done when Redis has answered.</returns>
    public Task AddAsync(string id)
    {
        Task added;
        lock (_lock)
        {
            _next ??= new Batch();
            _next.Ids.Add(id);
            added = _next.Sent.Task;
            if (_isSending)
            {
                return added;
            }

            _isSending = true;
        }

        // Not here and now: what comes in the same moment goes along.
        _ = Task.Run(SendAsync);
        return added;
    }

    private async Task SendAsync()
    {
        while (true)
        {
            Batch batch;
            lock (_lock)
            {
                if (_next is null)
                {
                    _isSending = false;
                    return;
                }

                (batch, _next) = (_next, null);
            }

            try
            {
                foreach (var ids in batch.Ids.Chunk(AtOnce))
                {
                    await acknowledge(ids);
                }

                batch.Sent.SetResult();
            }
#pragma warning disable CA1031 // Whatever went wrong belongs to those who wait for it.
            catch (Exception exception)
            {
                batch.Sent.SetException(exception);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>Who waits goes on here, in line: it is little, and a thread for each would be more.</summary>
    private sealed class Batch
    {
        public List<RedisValue> Ids { get; } = [];

        public TaskCompletionSource Sent { get; } = new();
    }
}
