using System.Collections.Concurrent;
using System.Threading.Channels;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Adds jobs: record first, event second. Single adds that run at the same time share their round trips: while some are on their way, the next
/// ones gather.
/// </summary>
internal sealed class JobPublisher(IJobStore store, JobEventPublisher events) : IJobPublisher
{
    private const int LargestBatch = 256;

    // Batches of one queue on their way at once: enough to keep the store and the sidecar busy, few enough for batches to form.
    private const int Flights = 2;

    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public async ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken)
    {
        var pending = new Pending(job);
        _lines.GetOrAdd(queue, static (name, publisher) => new Line(publisher, name), this).Enqueue(pending);
        return await pending.Task.WaitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        var results = await store.AddAsync(queue, jobs, cancellationToken);
        var added = 0;
        List<JobEvent>? needed = null;
        for (var i = 0; i < results.Count; i++)
        {
            added += results[i].Outcome == AddOutcome.Added ? 1 : 0;
            if (results[i].NeedsEvent)
            {
                (needed ??= new(results.Count)).Add(new JobEvent(jobs[i].JobId, jobs[i].Type, jobs[i].Priority, jobs[i].TraceParent));
            }
        }

        JobTelemetry.Added(queue, added);
        if (needed is not null)
        {
            // From here on the jobs are on record: whatever happens to the events, the promoter or the reconciler makes up for it.
            var failed = await events.PublishAsync(queue, needed, CancellationToken.None);
            if (failed.Count > 0)
            {
                await RequestEventsAsync(queue, failed);
            }
        }

        return results;
    }

    private async Task RequestEventsAsync(string queue, IReadOnlyList<string> jobIds)
    {
        try
        {
            await store.RequestEventsAsync(queue, jobIds, CancellationToken.None);
        }
        catch (JobStoreUnavailableException)
        {
            // The jobs are on record as waiting without an event: exactly what the reconciler looks for.
        }
    }

    private sealed class Pending(NewJob job) : TaskCompletionSource<AddResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }

    private sealed class Line
    {
        private readonly JobPublisher _publisher;
        private readonly string _queue;
        private readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>();

        public Line(JobPublisher publisher, string queue)
        {
            _publisher = publisher;
            _queue = queue;
            // The trace of whoever happened to come first is not that of all who follow.
            using (ExecutionContext.SuppressFlow())
            {
                for (var i = 0; i < Flights; i++)
                {
                    _ = Task.Run(FlyAsync);
                }
            }
        }

        public void Enqueue(Pending pending) => _pending.Writer.TryWrite(pending);

        private async Task FlyAsync()
        {
            var batch = new List<Pending>();
            while (await _pending.Reader.WaitToReadAsync())
            {
                batch.Clear();
                while (batch.Count < LargestBatch && _pending.Reader.TryRead(out var pending))
                {
                    batch.Add(pending);
                }

                if (batch.Count == 0)
                {
                    continue;
                }

                try
                {
                    var results = await _publisher.AddBulkAsync(_queue, [.. batch.Select(pending => pending.Job)], CancellationToken.None);
                    for (var i = 0; i < batch.Count; i++)
                    {
                        batch[i].TrySetResult(results[i]);
                    }
                }
#pragma warning disable CA1031 // Whatever went wrong belongs to those who wait for it.
                catch (Exception exception)
                {
                    foreach (var pending in batch)
                    {
                        pending.TrySetException(exception);
                    }
                }
#pragma warning restore CA1031
            }
        }
    }
}
