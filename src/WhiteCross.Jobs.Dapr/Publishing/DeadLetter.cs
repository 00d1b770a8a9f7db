using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Publishing;

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
[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class DeadLetterJsonContext : JsonSerializerContext;
