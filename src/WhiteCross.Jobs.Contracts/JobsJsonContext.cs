using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Reads and writes all contracts as JSON without reflection: camelCase, absent for null, a property given twice is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(JobEnvelope))]
[JsonSerializable(typeof(JobOptions))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(IReadOnlyList<JobRecord>))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(QueueMetrics))]
[JsonSerializable(typeof(MetricsReport))]
[JsonSerializable(typeof(QueueHealth))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(SendMessageJob))]
[JsonSerializable(typeof(DeliveryConfirmationJob))]
[JsonSerializable(typeof(SendNotificationJob))]
[JsonSerializable(typeof(IndexMessageJob))]
[JsonSerializable(typeof(EncryptDecryptJob))]
[JsonSerializable(typeof(BatchSendJob))]
[JsonSerializable(typeof(CleanupMessagesJob))]
public sealed partial class JobsJsonContext : JsonSerializerContext;
