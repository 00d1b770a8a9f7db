using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.MessageEncryption;

/// <summary>
/// An encrypted content as text: <c>wc1.</c> and, in base64url, the key id's length and the key id, then two boxes (nonce, cipher text, tag): the
/// content's own key, sealed with the key of that id, and the content, sealed with its own key. Both are bound to the version, the key id and the
/// message's id. Each content having a key of its own, no key meets more than one long text or runs out of nonces, and a change of keys seals 32
/// bytes anew instead of the content.
/// </summary>
internal static class SealedContent
{
    private const string Prefix = "wc1.";
    private const int SealedKeyLength = KeyRing.KeyLength + SealedBox.Overhead;

    /// <summary>Encrypts a content.</summary>
    /// <param name="keyId">The key's id.</param>
    /// <param name="key">The key.</param>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="content">The content.</param>
    public static string Seal(string keyId, ReadOnlySpan<byte> key, Guid messageId, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        ArgumentNullException.ThrowIfNull(content);
        var plain = Encoding.UTF8.GetBytes(content);
        Span<byte> ownKey = stackalloc byte[KeyRing.KeyLength];
        try
        {
            RandomNumberGenerator.Fill(ownKey);
            var bytes = new byte[HeaderLength(keyId) + SealedKeyLength + plain.Length + SealedBox.Overhead];
            var header = WriteHeader(bytes, keyId);
            SealKey(key, ownKey, Associated(keyId, messageId), bytes.AsSpan(header, SealedKeyLength));
            Span<byte> nonce = stackalloc byte[SealedBox.NonceLength];
            RandomNumberGenerator.Fill(nonce);
            // Not bound to the key id: it changes when the content's key is sealed anew.
            SealedBox.Seal(ownKey, nonce, plain, messageId.ToByteArray(bigEndian: true), bytes.AsSpan(header + SealedKeyLength));
            return Prefix + Base64Url.EncodeToString(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ownKey);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Finds the id of the key that a content is encrypted with.</summary>
    /// <param name="text">The encrypted content.</param>
    /// <returns>The id; null when this is no encrypted content.</returns>
    public static string? KeyIdOf(string text) => TryRead(text, out var keyId, out _) ? keyId : null;

    /// <summary>Decrypts a content.</summary>
    /// <param name="key">The key of <see cref="KeyIdOf"/>.</param>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="text">The encrypted content.</param>
    /// <returns>The content; null when the key or the message is another, or a single byte has changed.</returns>
    public static string? Open(ReadOnlySpan<byte> key, Guid messageId, string text)
    {
        Span<byte> ownKey = stackalloc byte[KeyRing.KeyLength];
        try
        {
            if (!TryRead(text, out var keyId, out var boxes)
                || !SealedBox.TryOpen(key, boxes.AsSpan(0, SealedKeyLength), Associated(keyId, messageId), ownKey))
            {
                return null;
            }

            var box = boxes.AsSpan(SealedKeyLength);
            var plain = new byte[box.Length - SealedBox.Overhead];
            return SealedBox.TryOpen(ownKey, box, messageId.ToByteArray(bigEndian: true), plain) ? Encoding.UTF8.GetString(plain) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ownKey);
        }
    }

    /// <summary>Moves a content to another key without decrypting it: its own key is sealed anew.</summary>
    /// <param name="key">The key of <see cref="KeyIdOf"/>.</param>
    /// <param name="newKeyId">The new key's id.</param>
    /// <param name="newKey">The new key.</param>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="text">The encrypted content.</param>
    /// <returns>The content under the new key; null when the key or the message is another, or the part that is read has changed.</returns>
    public static string? Reseal(ReadOnlySpan<byte> key, string newKeyId, ReadOnlySpan<byte> newKey, Guid messageId, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(newKeyId);
        Span<byte> ownKey = stackalloc byte[KeyRing.KeyLength];
        try
        {
            if (!TryRead(text, out var keyId, out var boxes)
                || !SealedBox.TryOpen(key, boxes.AsSpan(0, SealedKeyLength), Associated(keyId, messageId), ownKey))
            {
                return null;
            }

            var bytes = new byte[HeaderLength(newKeyId) + boxes.Length];
            var header = WriteHeader(bytes, newKeyId);
            SealKey(newKey, ownKey, Associated(newKeyId, messageId), bytes.AsSpan(header, SealedKeyLength));
            boxes.AsSpan(SealedKeyLength).CopyTo(bytes.AsSpan(header + SealedKeyLength));
            return Prefix + Base64Url.EncodeToString(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ownKey);
        }
    }

    private static void SealKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> ownKey, byte[] associated, Span<byte> box)
    {
        Span<byte> nonce = stackalloc byte[SealedBox.NonceLength];
        RandomNumberGenerator.Fill(nonce);
        SealedBox.Seal(key, nonce, ownKey, associated, box);
    }

    private static int HeaderLength(string keyId) => 1 + keyId.Length;

    private static int WriteHeader(byte[] bytes, string keyId)
    {
        bytes[0] = (byte)keyId.Length;
        Encoding.ASCII.GetBytes(keyId, bytes.AsSpan(1));
        return HeaderLength(keyId);
    }

    private static byte[] Associated(string keyId, Guid messageId) =>
        [.. Encoding.ASCII.GetBytes(Prefix + keyId + "."), .. messageId.ToByteArray(bigEndian: true)];

    private static bool TryRead(string text, out string keyId, out byte[] boxes)
    {
        (keyId, boxes) = (string.Empty, []);
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var encoded = text.AsSpan(Prefix.Length);
        // Padding and white space, which a lenient reader takes, would make several texts of one content.
        if (encoded.ContainsAny("=\r\n\t ") || !Base64Url.IsValid(encoded, out var length))
        {
            return false;
        }

        var bytes = new byte[length];
        if (!Base64Url.TryDecodeFromChars(encoded, bytes, out _)
            || bytes.Length == 0
            || bytes[0] is 0 or > 64
            || bytes.Length < 1 + bytes[0] + SealedKeyLength + SealedBox.Overhead
            || bytes.AsSpan(1, bytes[0]).ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)
            || !encoded.SequenceEqual(Base64Url.EncodeToString(bytes)))
        {
            return false;
        }

        keyId = Encoding.ASCII.GetString(bytes, 1, bytes[0]);
        boxes = bytes[(1 + bytes[0])..];
        return true;
    }
}
