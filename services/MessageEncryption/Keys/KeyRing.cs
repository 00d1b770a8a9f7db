using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace WhiteCross.MessageEncryption;

/// <summary>The keys: the current one encrypts, all of them decrypt. Never shown: neither keys nor their text are part of any message.</summary>
internal sealed partial class KeyRing
{
    /// <summary>The length of a key, in bytes.</summary>
    public const int KeyLength = 32;

    private readonly FrozenDictionary<string, byte[]> _keys;

    private KeyRing(string currentId, FrozenDictionary<string, byte[]> keys)
    {
        CurrentId = currentId;
        _keys = keys;
    }

    /// <summary>The id of the key that encrypts.</summary>
    public string CurrentId { get; }

    /// <summary>The ids of all keys.</summary>
    public IEnumerable<string> Ids => _keys.Keys;

    /// <summary>Reads keys from a secret.</summary>
    /// <param name="json">The secret; see <see cref="EncryptionOptions.Secret"/>.</param>
    /// <exception cref="FormatException">It cannot be used; the message says why and quotes nothing of it but the ids of keys.</exception>
    public static KeyRing Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        KeyRingJson? read;
        try
        {
            read = JsonSerializer.Deserialize(json, EncryptionJsonContext.Default.KeyRingJson);
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

        return new KeyRing(read.Current, texts.ToFrozenDictionary(key => key.Key, key => ReadKey(key.Key, key.Value), StringComparer.Ordinal));
    }

    /// <summary>Finds a key.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="key">Its bytes.</param>
    public bool TryGet(string id, out ReadOnlySpan<byte> key)
    {
        var found = _keys.TryGetValue(id, out var bytes);
        key = bytes;
        return found;
    }

    private static byte[] ReadKey(string id, string? text)
    {
        if (!KeyId().IsMatch(id))
        {
            throw new FormatException("has a key id that is not 1 to 64 letters, digits, dots, hyphens or underscores.");
        }

        var key = new byte[KeyLength];
        return text is not null && text.Length <= 44 && Convert.TryFromBase64String(text, key, out var length) && length == KeyLength
            ? key
            : throw new FormatException($"has a key '{id}' that is not {KeyLength} bytes in base64; make one with: openssl rand -base64 {KeyLength}");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex KeyId();
}

/// <summary>A key ring as a secret holds it.</summary>
/// <param name="Current">The id of the key that encrypts.</param>
/// <param name="Keys">All keys by id, in base64.</param>
internal sealed record KeyRingJson(string? Current, Dictionary<string, string?>? Keys);
