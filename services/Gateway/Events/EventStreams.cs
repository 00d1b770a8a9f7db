using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.Json;
using System.Threading.Channels;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>A change of a job, as it is sent to those who watch.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">Its state now.</param>
/// <param name="At">When it changed.</param>
/// <param name="Progress">Its progress, in a <c>progress</c> event.</param>
/// <param name="Line">The new line, in a <c>log</c> event.</param>
internal sealed record JobEventMessage(string JobId, string Queue, JobState State, DateTimeOffset At, JobProgress? Progress = null, string? Line = null);

/// <summary>Server-sent events: of one job until it ends, of all jobs for ever.</summary>
internal static class EventStreams
{
    private const int Buffer = 1024;
    private const string EndMark = "e";

    public static void MapEventStreams(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/{queue}/jobs/{id}/events", OfJobAsync)
            .RequireQueue()
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("WatchJob")
            .WithSummary("A job's changes as server-sent events")
            .WithDescription("Events state, progress, log and removed; the first one is the present state; ends when the job has ended or is removed. After a break with Last-Event-ID: 204 when that was the last there is.");
        queues.MapGet("/events", IResult (IJobReader store, IHostApplicationLifetime lifetime) => OfAllAsync(store, lifetime))
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .WithName("WatchQueues")
            .WithSummary("All state changes as server-sent events")
            .WithDescription("A slow reader misses some; the record is the truth.");
    }

    private static async Task<IResult> OfJobAsync(string queue, string id, HttpContext context, IJobReader store, IHostApplicationLifetime lifetime)
    {
        if (await OwnJobs.FindAsync(context, store, queue, id) is not { } job)
        {
            return AccessSetup.IsPublisher(context) ? Problems.UnknownJob(queue, id) : await Problems.UnknownJobAsync(store, queue, id, context.RequestAborted);
        }

        // Whoever has heard the end is told so: a browser connects again and again after any other answer.
        if (HasEnded(job.State) && context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] && HasHeardEnd(last, job.FinishedAt))
        {
            return TypedResults.NoContent();
        }

        return new Stream(lifetime, async (stream, token) =>
        {
            // Watch first, then read: what happens in between is seen twice rather than not at all.
            var changes = NewChannel();
            var watch = CopyAsync(store, queue, change => change.JobId == id, changes.Writer, token);
            if (!await stream.OpenAsync(token))
            {
                return;
            }

            if (await LookAsync(null))
            {
                await stream.CopyAsync(changes.Reader, WriteAsync, () => LookAsync(JobState.Active), token);
            }

            // A look at the record finds what the watch has missed; false when the job has ended.
            async ValueTask<bool> LookAsync(JobState? known)
            {
                var record = await store.GetAsync(queue, id, token);
                if (record is not null && (known is null || HasEnded(record.State)))
                {
                    var at = record.FinishedAt ?? record.StartedAt ?? record.CreatedAt;
                    await stream.WriteAsync(
                        IdOf(at, HasEnded(record.State)),
                        "state",
                        new JobEventMessage(id, queue, record.State, at, record.Progress),
                        EventStreamJsonContext.Default.JobEventMessage,
                        token);
                }

                return record is not null && !HasEnded(record.State);
            }

            async ValueTask<bool> WriteAsync(JobChange change)
            {
                await stream.WriteAsync(IdOf(change.At, HasEnded(change.State)), NameOf(change.Kind), MessageOf(change), EventStreamJsonContext.Default.JobEventMessage, token);
                return change.Kind != JobChangeKind.Removed && !(change.Kind == JobChangeKind.State && HasEnded(change.State));
            }
        });
    }

    private static Stream OfAllAsync(IJobReader store, IHostApplicationLifetime lifetime) => new Stream(lifetime, async (stream, token) =>
    {
        var changes = NewChannel();
        foreach (var queue in JobQueues.All)
        {
            _ = CopyAsync(store, queue.Name, change => change.Kind is JobChangeKind.State or JobChangeKind.Removed, changes.Writer, token);
        }

        if (!await stream.OpenAsync(token))
        {
            return;
        }

        await stream.CopyAsync(
            changes.Reader,
            async change =>
            {
                await stream.WriteAsync(IdOf(change.At, HasEnded(change.State)), NameOf(change.Kind), MessageOf(change), EventStreamJsonContext.Default.JobEventMessage, token);
                return true;
            },
            () => ValueTask.FromResult(true),
            token);
    });

    private static Channel<JobChange> NewChannel() =>
        Channel.CreateBounded<JobChange>(new BoundedChannelOptions(Buffer) { FullMode = BoundedChannelFullMode.DropOldest });

    private static async Task CopyAsync(IJobReader store, string queue, Func<JobChange, bool> isWanted, ChannelWriter<JobChange> into, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in store.WatchAsync(queue, cancellationToken))
            {
                if (isWanted(change))
                {
                    into.TryWrite(change);
                }
            }

            into.TryComplete();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            into.TryComplete();
        }
        catch (JobStoreUnavailableException)
        {
            // The stream ends; the watcher connects again.
            into.TryComplete();
        }
    }

    // When it happened, in milliseconds; the end has a mark, so that nothing that happened in the same one is taken for it.
    private static string IdOf(DateTimeOffset at, bool isEnd) => string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds()}{(isEnd ? EndMark : string.Empty)}");

    private static bool HasHeardEnd(string lastEventId, DateTimeOffset? finishedAt) =>
        lastEventId.EndsWith(EndMark, StringComparison.Ordinal)
        && long.TryParse(lastEventId.AsSpan(0, lastEventId.Length - EndMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var heard)
        && heard >= finishedAt?.ToUnixTimeMilliseconds();

    private static bool HasEnded(JobState state) => state is JobState.Completed or JobState.Failed;

    private static string NameOf(JobChangeKind kind) => kind switch
    {
        JobChangeKind.Progress => "progress",
        JobChangeKind.Log => "log",
        JobChangeKind.Removed => "removed",
        _ => "state",
    };

    private static JobEventMessage MessageOf(JobChange change) => new(change.JobId, change.Queue, change.State, change.At, change.Progress, change.Line);

    /// <summary>A stream that ends with its request and with the service.</summary>
    private sealed class Stream(IHostApplicationLifetime lifetime, Func<EventStream, CancellationToken, Task> write) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, lifetime.ApplicationStopping);
            try
            {
                await write(new EventStream(httpContext), end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The watcher has gone, or the service stops.
            }
            catch (JobStoreUnavailableException) when (httpContext.Response.HasStarted)
            {
                // The stream ends; the watcher connects again.
            }
            finally
            {
                await end.CancelAsync();
            }
        }
    }
}

/// <summary>JSON without reflection for what is streamed.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobEventMessage))]
internal sealed partial class EventStreamJsonContext : JsonSerializerContext;
