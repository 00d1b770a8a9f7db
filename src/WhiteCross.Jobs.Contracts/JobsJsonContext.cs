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
[JsonSerializable(typeof(CleanupMessagesJob))]
public sealed partial class JobsJsonContext : JsonSerializerContext
{
    /// <summary>
    /// For what comes from outside: a property given twice is an error, since two readers could take it for two different jobs. Records are read without
    /// it; they show also what was refused.
    /// </summary>
    internal static JobsJsonContext Strict => StrictContext.Instance;

    // A type of its own, so that Default is there before it.
    private static class StrictContext
    {
        public static readonly JobsJsonContext Instance = new(new JsonSerializerOptions(Default.Options) { AllowDuplicateProperties = false });
    }
}
