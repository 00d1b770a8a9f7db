using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace WhiteCross.Jobs.Sealing;

/// <summary>
/// The keys that job records are sealed with: the current one seals, all of them open. To change the key, give every service the new one first, then make
/// it the current one. A key that is left out is gone, and with it whatever it sealed.
/// </summary>
public sealed partial class SealingKeys
{
    /// <summary>The setting that holds the keys: <c>{"current": "2026-11", "keys": {"2026-11": "32 bytes in base64"}, "hash": "32 bytes in base64"}</c>.</summary>
    public const string Setting = "SECRET_JOB_KEYS";

    private const int KeyLength = 32;

    private readonly FrozenDictionary<string, byte[]> _keys;

    private SealingKeys(string currentId, FrozenDictionary<string, byte[]> keys, byte[] hashKey)
    {
        (CurrentId, _keys, HashKey) = (currentId, keys, hashKey);
    }

    /// <summary>The id of the key that seals.</summary>
    public string CurrentId { get; }

    /// <summary>
    /// The key of sums by which equal data is known without being read. It stays when the keys change: with another one, a job that is added again with
    /// the same data is taken for one with other data.
    /// </summary>
    internal byte[] HashKey { get; }

    /// <summary>Reads the keys.</summary>
    /// <param name="json">What <see cref="Setting"/> holds.</param>
    /// <exception cref="FormatException">They cannot be used; the message says why and quotes nothing of them but their ids.</exception>
    public static SealingKeys Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        SealingKeysJson? read;
        try
        {
            read = JsonSerializer.Deserialize(json, SealingJsonContext.Default.SealingKeysJson);
        }
        catch (JsonException)
        {
            // Without the inner exception: it may quote what it could not read.
            throw new FormatException("must be a JSON object like {\"current\": \"2026-11\", \"keys\": {\"2026-11\": \"<32 bytes in base64>\"}}.");
        }

        if (read?.Keys is not { Count: > 0 } texts)
        {
            throw new FormatException("must have at least one key under 'keys'.");
        }

        if (read.Current is null || !texts.ContainsKey(read.Current))
        {
            throw new FormatException("must name one of its keys under 'current'.");
        }

        var keys = texts.ToFrozenDictionary(key => key.Key, key => Read(key.Key, key.Value), StringComparer.Ordinal);
        return new SealingKeys(
            read.Current, keys, read.Hash is null ? HKDF.DeriveKey(HashAlgorithmName.SHA256, keys[read.Current], KeyLength, info: "sums"u8.ToArray()) : Read("hash", read.Hash));
    }

    internal byte[]? Find(string id) => _keys.GetValueOrDefault(id);

    private static byte[] Read(string id, string? text)
    {
        if (!KeyId().IsMatch(id))
        {
            throw new FormatException("has a key id that is not 1 to 64 letters, digits, hyphens or underscores.");
        }

        var key = new byte[KeyLength];
        return text is not null && text.Length <= 44 && Convert.TryFromBase64String(text, key, out var length) && length == KeyLength
            ? key
            : throw new FormatException($"has a key '{id}' that is not {KeyLength} bytes in base64; make one with: openssl rand -base64 {KeyLength}");
    }

    // No dots: they part what is sealed from the key's id.
    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex KeyId();
}

/// <summary>The keys as the setting holds them.</summary>
internal sealed record SealingKeysJson(string? Current, Dictionary<string, string?>? Keys, string? Hash);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SealingKeysJson))]
internal sealed partial class SealingJsonContext : JsonSerializerContext;
