using System.Security.Cryptography;

namespace WhiteCross.MessageEncryption;

/// <summary>AES-256-GCM with a 96-bit nonce and a 128-bit tag, laid out as nonce, cipher text, tag.</summary>
internal static class SealedBox
{
    /// <summary>The nonce's length, in bytes.</summary>
    public const int NonceLength = 12;

    /// <summary>The tag's length, in bytes.</summary>
    public const int TagLength = 16;

    /// <summary>By how much a box is longer than what is in it, in bytes.</summary>
    public const int Overhead = NonceLength + TagLength;

    /// <summary>Encrypts.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">12 bytes that this key has not been used with.</param>
    /// <param name="plain">What to encrypt.</param>
    /// <param name="associated">What is not encrypted but bound to it.</param>
    /// <param name="box">Where it goes; <see cref="Overhead"/> longer than <paramref name="plain"/>.</param>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated, Span<byte> box)
    {
        using var aes = new AesGcm(key, TagLength);
        nonce.CopyTo(box);
        aes.Encrypt(nonce, plain, box[NonceLength..^TagLength], box[^TagLength..], associated);
    }

    /// <summary>Decrypts.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="box">What <see cref="Seal"/> made.</param>
    /// <param name="associated">What was bound to it.</param>
    /// <param name="plain">Where it goes; <see cref="Overhead"/> shorter than <paramref name="box"/>.</param>
    /// <returns>False when anything differs from what was sealed.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated, Span<byte> plain)
    {
        if (box.Length < Overhead)
        {
            return false;
        }

        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(box[..NonceLength], box[NonceLength..^TagLength], box[^TagLength..], plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
