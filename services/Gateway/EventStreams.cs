using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>A change of a job, as it is sent to those who watch.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">Its state now.</param>
/// <param name="At">When it changed.</param>
/// <param name="Progress">Its progress, in a <c>progress</c> event.</param>
/// <param name="Line">The new line, in a <c>log</c> event.</param>
public sealed record JobEventMessage(string JobId, string Queue, JobState State, DateTimeOffset At, JobProgress? Progress = null, string? Line = null);

/// <summary>Server-sent events: of one job until it ends, of all jobs for ever.</summary>
internal static class EventStreams
{
    private const int Buffer = 1024;

    public static void MapEventStreams(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/{queue}/jobs/{id}/events", async (string queue, string id, IJobStore store, CancellationToken cancellationToken) =>
                await store.GetAsync(queue, id, cancellationToken) is null
                    ? (IResult)Problems.UnknownJob(queue, id)
                    : new EventStreamResult<JobEventMessage>(OfJobAsync(store, queue, id, cancellationToken)))
            .RequireQueue()
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("WatchJob")
            .WithSummary("A job's changes as server-sent events")
            .WithDescription("Events state, progress and log; the first one is the present state; ends when the job has ended.");
        queues.MapGet("/events", (IJobStore store, CancellationToken cancellationToken) => new EventStreamResult<JobEventMessage>(OfAllAsync(store, cancellationToken)))
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .WithName("WatchQueues")
            .WithSummary("All state changes as server-sent events");
    }

    private static async IAsyncEnumerable<SseItem<JobEventMessage>> OfJobAsync(
        IJobStore store, string queue, string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Watch first, then read: what happens in between is seen twice rather than not at all.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changes = store.WatchAsync(queue, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = changes.MoveNextAsync().AsTask();
        try
        {
            if (await store.GetAsync(queue, id, cancellationToken) is not { } record)
            {
                yield break;
            }

            yield return Item("state", new JobEventMessage(id, queue, record.State, record.FinishedAt ?? record.StartedAt ?? record.CreatedAt, record.Progress));
            var hasEnded = HasEnded(record.State);
            while (!hasEnded && await next)
            {
                var change = changes.Current;
                next = changes.MoveNextAsync().AsTask();
                if (change.JobId == id)
                {
                    hasEnded = change.Kind == JobChangeKind.Removed || (change.Kind == JobChangeKind.State && HasEnded(change.State));
                    yield return Item(NameOf(change.Kind), MessageOf(change));
                }
            }
        }
        finally
        {
            // An enumerator must not be disposed of while it still looks for the next change.
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await changes.DisposeAsync();
        }
    }

    private static async IAsyncEnumerable<SseItem<JobEventMessage>> OfAllAsync(IJobStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var merged = Channel.CreateBounded<JobChange>(new BoundedChannelOptions(Buffer) { FullMode = BoundedChannelFullMode.DropOldest });
        var watches = JobQueues.All.Select(queue => CopyAsync(store, queue.Name, merged.Writer, cancellationToken)).ToList();
        await foreach (var change in merged.Reader.ReadAllAsync(cancellationToken))
        {
            yield return Item(NameOf(change.Kind), MessageOf(change));
        }

        await Task.WhenAll(watches);
    }

    private static async Task CopyAsync(IJobStore store, string queue, ChannelWriter<JobChange> into, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in store.WatchAsync(queue, cancellationToken))
            {
                if (change.Kind is JobChangeKind.State or JobChangeKind.Removed)
                {
                    await into.WriteAsync(change, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The watcher has gone.
        }
        catch (JobStoreUnavailableException exception)
        {
            // The stream ends; the watcher connects again.
            into.TryComplete(exception);
        }
    }

    private static bool HasEnded(JobState state) => state is JobState.Completed or JobState.Failed;

    private static string NameOf(JobChangeKind kind) => kind switch
    {
        JobChangeKind.Progress => "progress",
        JobChangeKind.Log => "log",
        JobChangeKind.Removed => "removed",
        _ => "state",
    };

    private static JobEventMessage MessageOf(JobChange change) => new(change.JobId, change.Queue, change.State, change.At, change.Progress, change.Line);

    private static SseItem<JobEventMessage> Item(string name, JobEventMessage message) => new(message, name);
}
