using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// Puts jobs on record that events describe, when the events arrive. What arrives while a call of the store is under way makes up the next one.
/// </summary>
internal sealed partial class ArrivalRecorder(string queue, IJobArrivals store, ILogger<ArrivalRecorder> logger)
{
    private const int LargestBatch = 200;

    private readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private int _isRecording;

    /// <exception cref="JobStoreUnavailableException">The job store is away: whether the job is on record is not known.</exception>
    public Task<JobArrival> RecordAsync(NewJob job)
    {
        var pending = new Pending(job);
        _pending.Writer.TryWrite(pending);
        Go();
        return pending.Task;
    }

    private void Go()
    {
        if (Interlocked.CompareExchange(ref _isRecording, 1, 0) == 0)
        {
            _ = Task.Run(RecordAllAsync);
        }
    }

    private async Task RecordAllAsync()
    {
        var batch = new List<Pending>();
        do
        {
            while (_pending.Reader.TryRead(out var first))
            {
                batch.Clear();
                batch.Add(first);
                while (batch.Count < LargestBatch && _pending.Reader.TryRead(out var next))
                {
                    batch.Add(next);
                }

                await RecordAsync(batch);
            }

            Volatile.Write(ref _isRecording, 0);
        }
        while (_pending.Reader.Count > 0 && Interlocked.CompareExchange(ref _isRecording, 1, 0) == 0);
    }

    private async Task RecordAsync(IReadOnlyList<Pending> batch)
    {
        try
        {
            var arrivals = await store.ReceiveAsync(queue, [.. batch.Select(pending => pending.Job)], CancellationToken.None);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].TrySetResult(arrivals[i]);
            }
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to those whose events these are.
        catch (Exception exception)
        {
            if (batch.Count > 1 && exception is not JobStoreUnavailableException)
            {
                // One that the store cannot take must not keep the others off the record.
                LogSetApart(exception, queue, batch.Count);
                foreach (var pending in batch)
                {
                    await RecordAsync([pending]);
                }

                return;
            }

            foreach (var pending in batch)
            {
                pending.TrySetException(exception);
            }
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} jobs could not be put on record together; they are tried one by one")]
    private partial void LogSetApart(Exception exception, string queue, int count);

    private sealed class Pending(NewJob job) : TaskCompletionSource<JobArrival>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }
}
