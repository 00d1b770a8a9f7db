using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// Turns an event of a queue into a delivery at the queue's gate. An event that can never be run becomes a failed job, so that its publisher can see
/// why; it does not take a slot.
/// </summary>
internal sealed partial class JobEventReceiver(
    QueueDefinition queue,
    QueueOptions options,
    QueueWorker worker,
    IJobStore store,
    IDeadLetterPublisher deadLetters,
    JobEnvelopeReader envelopes,
    TimeProvider time,
    ILogger<JobEventReceiver> logger)
{
    private static readonly JobError NothingOnRecord = new("data: is required, since nothing is on record of this job.", Code: JobErrorCodes.Invalid);

    public async Task<DeliveryVerdict> ReceiveAsync(ReceivedEvent received, CancellationToken cancellationToken)
    {
        if (JobReferenceReader.TryRead(received.Data.Span, out var jobId, out var type, out var priority))
        {
            var verdict = await worker.DeliverAsync(new BeginRequest(jobId), priority);
            return verdict == DeliveryVerdict.Unknown
                ? await RejectAsync(new NewJob { JobId = jobId, Type = type, Data = "null"u8.ToArray(), Priority = priority, Error = NothingOnRecord }, cancellationToken)
                : verdict;
        }

        var reading = envelopes.Read(queue, received.Data);
        var job = NewJobFactory.Create(reading, options, JobEventIds.IdOf(received, time), received.TraceParent);
        return job.Error is null
            ? await worker.DeliverAsync(new BeginRequest(job.JobId, job), job.Priority)
            : await RejectAsync(job, cancellationToken);
    }

    private async Task<DeliveryVerdict> RejectAsync(NewJob job, CancellationToken cancellationToken)
    {
        try
        {
            var results = await store.AddAsync(queue.Name, [job], cancellationToken);
            if (results[0].Outcome == AddOutcome.Added)
            {
                LogRejected(queue.Name, job.JobId);
                await deadLetters.PublishAsync(queue.Name, [job.JobId], CancellationToken.None);
            }

            return DeliveryVerdict.Success;
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue.Name);
            return DeliveryVerdict.Retry;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} came with an envelope or data that are not valid; it is on record as failed, with the reason")]
    private partial void LogRejected(string queue, string jobId);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: an event could not be put on record because the job store is away; it will be delivered again")]
    private partial void LogStoreAway(Exception exception, string queue);
}
