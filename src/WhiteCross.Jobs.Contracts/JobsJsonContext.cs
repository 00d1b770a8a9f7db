using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Reads and writes all contracts as JSON without reflection: camelCase, absent for null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobEnvelope))]
[JsonSerializable(typeof(JobOptions))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(IReadOnlyList<JobRecord>))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(QueueMetrics))]
[JsonSerializable(typeof(MetricsReport))]
[JsonSerializable(typeof(WorkerStatus))]
[JsonSerializable(typeof(QueueWorkers))]
[JsonSerializable(typeof(WorkersReport))]
[JsonSerializable(typeof(QueueHistory))]
[JsonSerializable(typeof(QueueTrend))]
[JsonSerializable(typeof(HistoryReport))]
[JsonSerializable(typeof(QueueHealth))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(JobSchedule))]
[JsonSerializable(typeof(ScheduleRequest))]
[JsonSerializable(typeof(SendMessageJob))]
[JsonSerializable(typeof(DeliveryConfirmationJob))]
[JsonSerializable(typeof(SendNotificationJob))]
[JsonSerializable(typeof(IndexMessageJob))]
[JsonSerializable(typeof(EncryptDecryptJob))]
[JsonSerializable(typeof(BatchSendJob))]
[JsonSerializable(typeof(BatchRecipient))]
[JsonSerializable(typeof(IReadOnlyList<BatchRecipient>))]
[JsonSerializable(typeof(BatchUpload))]
[JsonSerializable(typeof(BatchUploadProblems))]
[JsonSerializable(typeof(CleanupMessagesJob))]
public sealed partial class JobsJsonContext : JsonSerializerContext
{
    /// <summary>
    /// For what others have written: names in any case, whole numbers in any spelling (<c>3.0</c>), times in RFC 3339 only. A member that is spelled
    /// <c>DryRun</c> must not be passed over in silence.
    /// </summary>
    public static JobsJsonContext Reading => ReadingContext.Instance;

    /// <summary>
    /// As <see cref="Reading"/>, for what comes from outside: a property given twice is an error, since two readers could take it for two different jobs.
    /// Records are read without it; they show also what was refused.
    /// </summary>
    internal static JobsJsonContext Strict => StrictContext.Instance;

    /// <summary>
    /// As <see cref="Reading"/>, and a name that is given twice, or not known, is an error: for what asks or narrows, where a typing error that is passed over would do
    /// something else, or more, than was meant.
    /// </summary>
    public static JobsJsonContext Closed => ClosedContext.Instance;

    // Types of their own, so that each is there before the next.
    private static class ReadingContext
    {
        public static readonly JobsJsonContext Instance = new(new JsonSerializerOptions(Default.Options)
        {
            PropertyNameCaseInsensitive = true,
            Converters = { new Rfc3339JsonConverter(), new WholeInt32JsonConverter(), new WholeInt64JsonConverter() },
        });
    }

    private static class StrictContext
    {
        public static readonly JobsJsonContext Instance = new(new JsonSerializerOptions(Reading.Options) { AllowDuplicateProperties = false });
    }

    private static class ClosedContext
    {
        public static readonly JobsJsonContext Instance = new(new JsonSerializerOptions(Strict.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });
    }
}
