using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>Reads what the gateway answers beyond the contracts.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(ChangedJobs))]
internal sealed partial class ClientJsonContext : JsonSerializerContext;

/// <summary>How many jobs were changed.</summary>
/// <param name="Retried">How many failed jobs wait again.</param>
/// <param name="Removed">How many have no record any more.</param>
internal sealed record ChangedJobs(long Retried = 0, long Removed = 0);
