using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Adds jobs: record first, event second. Single adds that run at the same time share their round trips: while some are on their way, the next
/// ones gather. Their events gather a second time behind the record, since who adds waits for the record only.
/// </summary>
internal sealed partial class JobPublisher(IJobStore store, JobEventPublisher events, TimeProvider time, ILogger<JobPublisher> logger)
    : IJobPublisher
{
    private const int LargestBatch = JobEventPublisher.LargestBulk;

    // Batches of one queue on their way to the store at once, and as many to the sidecar: enough to keep both busy, few enough for batches to form.
    private const int Flights = 2;

    // Events that may wait for the sidecar; when there are more, adding waits too.
    private const int MostEventsWaiting = 1000;

    // What has not gone out by then is on record as waiting, and the reconciler finds it.
    private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(5);

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
        var (results, needed) = await RecordAsync(queue, jobs, cancellationToken);
        if (needed.Count > 0)
        {
            await PublishAsync(queue, needed);
        }

        return results;
    }

    /// <summary>Waits for the events of the jobs that have been added one by one; who adds from now on waits for the event of its own.</summary>
    /// <param name="cancellationToken">Ends the waiting, as five seconds do.</param>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_lines.Values.Select(line => line.EndAsync())).WaitAsync(LongestClosing, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogClosedEarly();
        }
    }

    private async Task<(IReadOnlyList<AddResult> Results, List<JobEvent> Needed)> RecordAsync(
        string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
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
        return (results, needed);
    }

    // From here on the jobs are on record: whatever happens to the events, the promoter or the reconciler makes up for it.
    private async Task PublishAsync(string queue, IReadOnlyList<JobEvent> needed)
    {
        var failed = await events.PublishAsync(queue, needed, CancellationToken.None);
        if (failed.Count > 0)
        {
            await RequestEventsAsync(queue, failed);
        }
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

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: the events of {Count} jobs could neither be published nor asked for again; the reconciler will publish them")]
    private partial void LogEventsLate(Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Events of added jobs had not all gone out when the service stopped; the reconciler will publish them")]
    private partial void LogClosedEarly();

    private sealed class Pending(NewJob job) : TaskCompletionSource<AddResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }

    private sealed class Line
    {
        private readonly JobPublisher _publisher;
        private readonly string _queue;
        private readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>();
        private readonly Channel<JobEvent> _events = Channel.CreateBounded<JobEvent>(MostEventsWaiting);
        private readonly Task _recording;
        private readonly Task _publishing;

        public Line(JobPublisher publisher, string queue)
        {
            _publisher = publisher;
            _queue = queue;
            // The trace of whoever happened to come first is not that of all who follow.
            using (ExecutionContext.SuppressFlow())
            {
                _recording = Task.WhenAll(Enumerable.Range(0, Flights).Select(_ => Task.Run(RecordAsync)));
                _publishing = Task.WhenAll(Enumerable.Range(0, Flights).Select(_ => Task.Run(PublishAsync)));
            }
        }

        /// <returns>False when the line has ended.</returns>
        public bool TryEnqueue(Pending pending) => _pending.Writer.TryWrite(pending);

        public async Task EndAsync()
        {
            _pending.Writer.TryComplete();
            await _recording;
            _events.Writer.TryComplete();
            await _publishing;
        }

        private async Task RecordAsync()
        {
            var batch = new List<Pending>();
            while (await TakeAsync(_pending.Reader, batch))
            {
                try
                {
                    var (results, needed) = await _publisher.RecordAsync(_queue, [.. batch.Select(pending => pending.Job)], CancellationToken.None);
                    foreach (var needs in needed)
                    {
                        await _events.Writer.WriteAsync(needs);
                    }

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

        private async Task PublishAsync()
        {
            var batch = new List<JobEvent>();
            while (await TakeAsync(_events.Reader, batch))
            {
                try
                {
                    await _publisher.PublishAsync(_queue, batch);
                }
#pragma warning disable CA1031 // One batch's trouble must not end all those after it; its jobs are on record, and the reconciler finds them.
                catch (Exception exception)
                {
                    _publisher.LogEventsLate(exception, _queue, batch.Count);
                }
#pragma warning restore CA1031
            }
        }

        private static async ValueTask<bool> TakeAsync<T>(ChannelReader<T> reader, List<T> batch)
        {
            batch.Clear();
            while (batch.Count == 0 && await reader.WaitToReadAsync())
            {
                while (batch.Count < LargestBatch && reader.TryRead(out var next))
                {
                    batch.Add(next);
                }
            }

            return batch.Count > 0;
        }
    }
}
