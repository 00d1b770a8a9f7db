using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.Delivering;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.DeadLetters;

/// <summary>
/// Takes the dead letters of a queue. Those that a service published are about jobs that are on record as failed already. Those that a sidecar put
/// there are events that no service could receive: their jobs are put on record as failed, so that they can be seen and replayed.
/// </summary>
internal sealed partial class DeadLetterConsumer(
    IJobOutbox store, IOptionsMonitor<QueueOptions> options, JobEnvelopeReader envelopes, ILogger<DeadLetterConsumer> logger)
{
    private static readonly byte[] Success = """{"status":"SUCCESS"}"""u8.ToArray();
    private static readonly byte[] Retry = """{"status":"RETRY"}"""u8.ToArray();

    public async Task HandleAsync(HttpContext context, QueueDefinition queue)
    {
        using var body = await PooledBody.ReadAsync(context.Request, context.RequestAborted);
        var answer = Success;
        var bytes = body.Memory;
        try
        {
            var received = CloudEventReader.Read(bytes);
            if (received.IsWrapper)
            {
                // As the subscription asks for it: whatever lies in the topic, wrapped anew at each delivery.
                bytes = received.Data;
                received = CloudEventReader.Read(bytes);
            }

            if (!IsOurs(received.Data.Span))
            {
                await TakeAsync(queue, received);
            }
        }
        catch (JsonException)
        {
            // Somebody published it raw. The queue's sidecar could not read it either, and so no service has seen it.
            EventTelemetry.Unreadable(queue.Name);
            LogUnreadable(queue.Name, bytes.Length);
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue.Name);
            answer = Retry;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer);
    }

    private async Task TakeAsync(QueueDefinition queue, ReceivedEvent received)
    {
        var error = new JobError("No service could receive the job's event, and the sidecar gave up delivering it.", Code: JobErrorCodes.Undeliverable);
        IEnumerable<NewJob> jobs;
        if (JobReferenceReader.TryRead(received.Data.Span) is { } named)
        {
            jobs = named.Select(job => new NewJob { JobId = job.JobId, Type = job.Type, Data = "null"u8.ToArray(), Priority = job.Priority, Error = error });
        }
        else
        {
            var job = NewJobFactory.Create(envelopes.Read(queue, received.Data), options.Get(queue.Name), JobEventIds.IdOf(received), received.TraceParent) with { AddedBy = JobRecord.AddedByEvent };
            jobs = [job with { Error = job.Error ?? error }];
        }

        foreach (var job in jobs)
        {
            // One by one: it is rare, and a call that is repeated after an error finds those failed that have.
            if (await store.FailUndeliverableAsync(queue.Name, job, CancellationToken.None))
            {
                LogUndeliverable(queue.Name, job.JobId);
            }
        }
    }

    /// <summary>Whether it is a dead letter that a service published: it has a reason and the envelope inside.</summary>
    private static bool IsOurs(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 128 });
            if (data.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            var (hasReason, hasEnvelope) = (false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasReason |= reader.ValueTextEquals("reason"u8);
                hasEnvelope |= reader.ValueTextEquals("envelope"u8);
                reader.Skip();
            }

            return hasReason && hasEnvelope;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a name with half a surrogate pair: no service wrote this. It is put on record all the same, so that its publisher sees why
            // nothing came of it.
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: no service could receive the event of job {JobId}; it is on record as failed")]
    private partial void LogUndeliverable(string queue, string jobId);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: an event of {Bytes} bytes is no JSON and can be no job; nothing of it is on record")]
    private partial void LogUnreadable(string topic, int bytes);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: a dead letter could not be put on record because the job store is away; it will be delivered again")]
    private partial void LogStoreAway(Exception exception, string queue);
}
