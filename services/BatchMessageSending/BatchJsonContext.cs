using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>JSON without reflection for what the service reads and writes over HTTP.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<BatchRecipient>))]
[JsonSerializable(typeof(BatchUpload))]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(BatchPreview))]
[JsonSerializable(typeof(RecipientPage))]
internal sealed partial class BatchJsonContext : JsonSerializerContext;
