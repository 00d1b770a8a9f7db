using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.MessageEncryption;

/// <summary>JSON without reflection for what the service reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(KeyRingJson))]
[JsonSerializable(typeof(EncryptRequest))]
[JsonSerializable(typeof(CipherTextRequest))]
[JsonSerializable(typeof(EncryptedContent))]
[JsonSerializable(typeof(DecryptedContent))]
internal sealed partial class EncryptionJsonContext : JsonSerializerContext;
