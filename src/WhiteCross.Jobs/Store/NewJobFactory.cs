using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Makes the job to put on record from the envelope that was read.</summary>
public static class NewJobFactory
{
    /// <summary>
    /// Creates the job. An envelope that is not valid becomes a job that has failed already, with the reading's errors; of one that is too large the
    /// data is left out.
    /// </summary>
    /// <param name="reading">The envelope as it was read. Its data is copied.</param>
    /// <param name="options">The queue's options, for what the envelope leaves open.</param>
    /// <param name="fallbackId">The job's id if the envelope names none, or none that is valid.</param>
    /// <param name="traceParent">The W3C traceparent of its publisher; null when there is none.</param>
    public static NewJob Create(JobReading reading, QueueOptions options, string fallbackId, string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(options);

        var settings = JobSettings.Resolve(reading.IsValid ? reading.Options : null, options);
        var jobId = reading.JobId ?? fallbackId;
        return new NewJob
        {
            JobId = jobId,
            Type = reading.Type,
            Data = reading.IsTooLarge || reading.Data.IsEmpty ? "null"u8.ToArray() : reading.Data.ToArray(),
            Priority = settings.Priority,
            MaxAttempts = settings.MaxAttempts,
            Backoff = settings.Backoff,
            Timeout = settings.Timeout,
            Delay = settings.Delay,
            RemoveOnComplete = settings.RemoveOnComplete,
            RemoveOnFail = settings.RemoveOnFail,
            Options = reading.IsValid ? WithoutTags(reading) : default,
            TraceParent = traceParent,
            Terms = JobTerms.Of(jobId, reading.Type, reading.IsTooLarge ? default : reading.Data, reading.IsValid ? reading.Options.Tags : null),
            Error = reading.IsValid ? null : new JobError(reading.ErrorText, Code: JobErrorCodes.Invalid),
        };
    }

    /// <summary>Creates a job of our own, whose data is valid by the way it is made.</summary>
    /// <typeparam name="TData">The job's data.</typeparam>
    /// <param name="jobId">The job's id.</param>
    /// <param name="data">The data.</param>
    /// <param name="json">How it is written.</param>
    /// <param name="options">The queue's options.</param>
    /// <param name="traceParent">The W3C traceparent under which it is added; null when tracing is off.</param>
    public static NewJob Create<TData>(string jobId, TData data, JsonTypeInfo<TData> json, QueueOptions options, string? traceParent)
        where TData : class, IJobData
    {
        ArgumentNullException.ThrowIfNull(options);

        var settings = JobSettings.Resolve(null, options);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, json);
        return new NewJob
        {
            JobId = jobId,
            Type = TData.JobType,
            Data = bytes,
            Terms = JobTerms.Of(jobId, TData.JobType, bytes, null),
            Priority = settings.Priority,
            MaxAttempts = settings.MaxAttempts,
            Backoff = settings.Backoff,
            Timeout = settings.Timeout,
            TraceParent = traceParent,
        };
    }

    // Whom a tag names is nobody's business: the job is found by it, and neither its record nor an event or a dead letter shows it.
    private static byte[] WithoutTags(JobReading reading) => reading.Options.Tags is null
        ? reading.OptionsJson.ToArray()
        : JsonSerializer.SerializeToUtf8Bytes(reading.Options with { Tags = null }, JobsJsonContext.Default.JobOptions);
}
