using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.MessageIndexing;

/// <summary>JSON without reflection for what the service reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(DeletionRequest))]
[JsonSerializable(typeof(DeletionAnswer))]
internal sealed partial class SearchJsonContext : JsonSerializerContext;
