using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// The event that our own publishers send: it names a job that is on record. The data stays in the record, so that what runs is always what was
/// added, an event is small however large its job, and no stream holds what a patient wrote.
/// </summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Type">The job's type.</param>
/// <param name="Options">Its priority, for the gate.</param>
internal sealed record JobReference(string JobId, string Type, JobReferenceOptions Options);

/// <summary>What the gate must know before the record is read.</summary>
/// <param name="Priority">How urgent the job is.</param>
internal sealed record JobReferenceOptions(JobPriority Priority);

/// <summary>A dead letter: the envelope of a job that failed for good, and why.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Queue">The queue's name.</param>
/// <param name="Reason">What kind of failure it was; see <see cref="JobErrorCodes"/>.</param>
/// <param name="Error">The error of the last attempt.</param>
/// <param name="AttemptsMade">Attempts that were made.</param>
/// <param name="FailedAt">When it failed.</param>
/// <param name="Envelope">The job as it was added.</param>
internal sealed record DeadLetter(
    string JobId, string Queue, string Reason, JobError? Error, int AttemptsMade, DateTimeOffset? FailedAt, JobEnvelope Envelope);

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobReference))]
[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class JobEventsJsonContext : JsonSerializerContext;
