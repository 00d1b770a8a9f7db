using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>Reads what the gateway answers beyond the contracts.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JobState))]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(RecipientPage))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(UndoableRetry))]
internal sealed partial class CliJsonContext : JsonSerializerContext;
