using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Gathers the events of concurrent jobs into common transactions, of which the costs are the same however much is in them. Each caller hears what
/// became of its own event.
/// </summary>
internal sealed partial class IndexWriter(IMessageIndex index, IOptions<IndexingOptions> options, TimeProvider time, ILogger<IndexWriter> logger)
    : BackgroundService
{
    private readonly Channel<Waiting> _events = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TimeSpan _gather = TimeSpan.FromMilliseconds(options.Value.GatherMilliseconds);
    private readonly int _maxBatch = options.Value.MaxBatch;

    /// <summary>Takes an event into the index; returns once it is there for good.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="cancellationToken">Ends the waiting; the event may still be taken in.</param>
    /// <exception cref="ChannelClosedException">The service is stopping.</exception>
    public async Task<IndexEffect> WriteAsync(IndexEvent happened, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(happened, new TaskCompletionSource<IndexEffect>(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
        await _events.Writer.WriteAsync(waiting, cancellationToken);
        return await waiting.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets the events that wait be written, then ends.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _events.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _events.Reader.WaitToReadAsync(stoppingToken))
        {
            var batch = await GatherAsync(stoppingToken);
            await WriteAsync(batch, stoppingToken);
        }
    }

    private async Task<List<Waiting>> GatherAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Waiting>();
        using var window = new CancellationTokenSource(_gather, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(window.Token, cancellationToken);
        while (true)
        {
            while (batch.Count < _maxBatch && _events.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            if (batch.Count == _maxBatch || either.IsCancellationRequested)
            {
                return batch;
            }

            var more = _events.Reader.WaitToReadAsync(either.Token).AsTask();
            await ((Task)more).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!more.IsCompletedSuccessfully || !await more)
            {
                return batch;
            }
        }
    }

    private async Task WriteAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        batch.RemoveAll(waiting => waiting.GaveUp.IsCancellationRequested);
        if (batch.Count == 0)
        {
            return;
        }

#pragma warning disable CA1031 // Whatever it is, those who wait hear of it, and the next batch is another matter.
        try
        {
            var effects = await index.ApplyAsync([.. batch.Select(waiting => waiting.Event)], cancellationToken);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Done.TrySetResult(effects[i]);
            }
        }
        catch (Exception exception) when (batch.Count > 1 && index.MayBeOneEvents(exception))
        {
            LogOneByOne(exception.GetType().Name, batch.Count);
            foreach (var waiting in batch)
            {
                await WriteAsync([waiting], cancellationToken);
            }
        }
        catch (Exception exception)
        {
            foreach (var waiting in batch)
            {
                waiting.Done.TrySetException(exception);
            }
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(LogLevel.Warning, "A transaction of {Count} events failed with {Error}; each is tried in one of its own")]
    private partial void LogOneByOne(string error, int count);

    private sealed record Waiting(IndexEvent Event, TaskCompletionSource<IndexEffect> Done, CancellationToken GaveUp);
}
