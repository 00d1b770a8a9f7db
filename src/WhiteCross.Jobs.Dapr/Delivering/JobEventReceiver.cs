using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// Takes what an event names or describes to the queue's gate. What it describes is on record before: from then on it can be looked up, cancelled and
/// recovered. An event that can never be run becomes a failed job, so that its publisher can see why; it does not take a slot.
/// </summary>
internal sealed partial class JobEventReceiver(
    QueueDefinition queue,
    QueueOptions options,
    ArrivalRecorder recorder,
    Arrivals arrivals,
    IDeadLetterPublisher deadLetters,
    JobEnvelopeReader envelopes,
    ILogger<JobEventReceiver> logger)
{
    private static readonly JobError NothingOnRecord = new("data: is required, since nothing is on record of this job.", Code: JobErrorCodes.Invalid);

    public async Task<DeliveryVerdict> ReceiveAsync(ReceivedEvent received)
    {
        try
        {
            if (JobReferenceReader.TryRead(received.Data.Span) is { } jobs)
            {
                return jobs.Count == 1 ? await ReceiveAsync(jobs[0]) : await ReceiveAsync(jobs);
            }

            var reading = envelopes.Read(queue, received.Data);
            var job = NewJobFactory.Create(reading, options, JobEventIds.IdOf(received), received.TraceParent) with { AddedBy = JobRecord.AddedByEvent };
            return await ReceiveAsync(job, isKnownByContent: reading.JobId is null && JobEventIds.IsByContent(received));
        }
        catch (JobStoreUnavailableException exception)
        {
            LogStoreAway(exception, queue.Name);
            return DeliveryVerdict.Retry;
        }
    }

    /// <summary>An event of many jobs is answered when each of them is accounted for or given back.</summary>
    private async Task<DeliveryVerdict> ReceiveAsync(IReadOnlyList<JobReference> jobs)
    {
        var verdicts = await Task.WhenAll(jobs.Select(job => ReceiveAsync(job)));
        return verdicts.Contains(DeliveryVerdict.Retry) ? DeliveryVerdict.Retry : DeliveryVerdict.Success;
    }

    private async Task<DeliveryVerdict> ReceiveAsync(JobReference job)
    {
        var verdict = await arrivals.DeliverAsync(job.JobId, job.Priority);
        return verdict == DeliveryVerdict.Unknown
            ? await ReceiveAsync(new NewJob { JobId = job.JobId, Type = job.Type, Data = "null"u8.ToArray(), Priority = job.Priority, Error = NothingOnRecord })
            : verdict;
    }

    private async Task<DeliveryVerdict> ReceiveAsync(NewJob job, bool isKnownByContent = false)
    {
        var arrival = await recorder.RecordAsync(job);
        if (arrival.IsNew)
        {
            JobTelemetry.Added(queue.Name, 1);
            if (job.Error is not null)
            {
                LogRejected(queue.Name, job.JobId);

                // Its debt is on record: nobody waits for the sidecar.
                _ = deadLetters.PublishAsync(queue.Name, [job.JobId], CancellationToken.None);
            }
        }
        else if (isKnownByContent)
        {
            LogSameAgain(queue.Name, job.JobId);
        }

        return arrival.State == JobState.Waiting ? await arrivals.DeliverAsync(job.JobId, job.Priority) : DeliveryVerdict.Success;
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} came with an envelope or data that are not valid; it is on record as failed, with the reason")]
    private partial void LogRejected(string queue, string jobId);

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: an event without an id is the same as that of job {JobId}, and is taken for its redelivery. A job of its own needs a jobId, or an event id of its own")]
    private partial void LogSameAgain(string queue, string jobId);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: an event could not be put on record because the job store is away; it will be delivered again")]
    private partial void LogStoreAway(Exception exception, string queue);
}
