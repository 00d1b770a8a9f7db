using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Writes jobs' envelopes and reads them as the queue will, so that what is wrong is known here.</summary>
internal static class JobEnvelopes
{
    /// <summary>The queue that takes a type.</summary>
    public static QueueDefinition QueueOf(string jobType) => JobQueues.All.First(queue => queue.Takes(jobType));

    /// <summary>Writes a job's envelope.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="job">The job.</param>
    /// <param name="field">What the names of fields in errors begin with.</param>
    /// <exception cref="JobsValidationException">The job is not valid.</exception>
    public static byte[] Write<TData>(QueueDefinition queue, JobToAdd<TData> job, string field)
        where TData : class, IJobData
    {
        var json = JobsJsonContext.Default;
        var envelope = JsonSerializer.SerializeToUtf8Bytes(
            new JobEnvelope
            {
                JobId = job.JobId,
                Type = TData.JobType,
                Data = JsonSerializer.SerializeToElement(job.Data, JobTypeRegistry.Default.JsonOf(TData.JobType)),
                Options = job.Options,
            },
            json.JobEnvelope);
        var reading = JobEnvelopeReader.Default.Read(queue, envelope);
        if (reading.IsTooLarge)
        {
            throw new JobsValidationException(new Dictionary<string, string[]> { [$"{field}data"] = ["is larger than 1 MiB: put large content elsewhere and send a reference."] });
        }

        return reading.IsValid
            ? envelope
            : throw new JobsValidationException(reading.Errors.ToDictionary(error => field + error.Key, error => error.Value));
    }
}
