using System.Collections.Concurrent;
using System.Threading.Channels;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Adds jobs: record first, event second, and nobody waits for the second. Single adds that run at the same time share their round trips: while some are
/// on their way, the next ones gather.
/// </summary>
internal sealed class JobPublisher(IJobRuns store, Announcer announcer) : IJobPublisher
{
    private const int LargestBatch = 200;

    // Batches of one queue on their way to the store at once: enough to keep it busy, few enough for batches to form.
    private const int Flights = 2;

    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public async ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken)
    {
        var pending = new Pending(job);
        return _lines.GetOrAdd(queue, static (name, publisher) => new Line(publisher, name), this).TryEnqueue(pending)
            ? await pending.Task.WaitAsync(cancellationToken)
            : (await AddBulkAsync(queue, [job], cancellationToken))[0]; // The service is stopping.
    }

    public async Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        var results = await store.AddAsync(queue, jobs, cancellationToken);
        var added = 0;
        var needed = new List<JobEvent>(results.Count);
        for (var i = 0; i < results.Count; i++)
        {
            added += results[i].Outcome == AddOutcome.Added ? 1 : 0;
            if (results[i].NeedsEvent)
            {
                needed.Add(new JobEvent(jobs[i].JobId, jobs[i].Type, jobs[i].Priority, jobs[i].TraceParent));
            }
        }

        JobTelemetry.Added(queue, added);

        // From here on the jobs are on record: whatever happens to the events, the promoter or the reconciler makes up for it.
        await announcer.AnnounceAsync(queue, needed);
        return results;
    }

    /// <summary>Waits for the jobs that are being added; who adds from now on makes a call of its own.</summary>
    public Task CloseAsync() => Task.WhenAll(_lines.Values.Select(line => line.EndAsync()));

    private sealed class Pending(NewJob job) : TaskCompletionSource<AddResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }

    private sealed class Line
    {
        private readonly JobPublisher _publisher;
        private readonly string _queue;
        private readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>();
        private readonly Task _recording;

        public Line(JobPublisher publisher, string queue)
        {
            _publisher = publisher;
            _queue = queue;
            // The trace of whoever happened to come first is not that of all who follow.
            using (ExecutionContext.SuppressFlow())
            {
                _recording = Task.WhenAll(Enumerable.Range(0, Flights).Select(_ => Task.Run(RecordAsync)));
            }
        }

        /// <returns>False when the line has ended.</returns>
        public bool TryEnqueue(Pending pending) => _pending.Writer.TryWrite(pending);

        public Task EndAsync()
        {
            _pending.Writer.TryComplete();
            return _recording;
        }

        private async Task RecordAsync()
        {
            var batch = new List<Pending>();
            while (await _pending.Reader.WaitToReadAsync())
            {
                // Who was answered together adds again together: after the first of them those follow who are ready to run, and share the call.
                await Task.Yield();
                batch.Clear();
                while (batch.Count < LargestBatch && _pending.Reader.TryRead(out var next))
                {
                    batch.Add(next);
                }

                if (batch.Count > 0)
                {
                    await RecordAsync(batch);
                }
            }
        }

        private async Task RecordAsync(List<Pending> batch)
        {
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
