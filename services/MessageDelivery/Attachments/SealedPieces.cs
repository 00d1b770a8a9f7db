using System.Buffers.Binary;
using System.Security.Cryptography;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// How an attachment is sealed: AES-256-GCM with a key that seals nothing else, in pieces, so that any part of it can be read without the rest. A piece is bound to its
/// place and to whether it is the last: none can be moved, left out, or cut off behind.
/// </summary>
internal sealed class SealedPieces(byte[] key) : IDisposable
{
    /// <summary>Bytes of a piece before it is sealed; the last one has fewer.</summary>
    public const int Plain = 64 * 1024;

    /// <summary>Bytes that sealing adds to a piece.</summary>
    public const int Overhead = 16;

    private const int NonceLength = 12;

    private readonly AesGcm _aes = new(key, Overhead);

    /// <summary>How long a sealed attachment is.</summary>
    /// <param name="size">Its size before.</param>
    public static long LengthOf(long size) => size + (Overhead * Math.Max(1, (size + Plain - 1) / Plain));

    public void Seal(long number, bool isLast, ReadOnlySpan<byte> plain, Span<byte> piece)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        _aes.Encrypt(NonceOf(number, nonce), plain, piece[..plain.Length], piece[plain.Length..], [(byte)(isLast ? 1 : 0)]);
    }

    /// <exception cref="AuthenticationTagMismatchException">It is not what was sealed.</exception>
    public void Open(long number, bool isLast, ReadOnlySpan<byte> piece, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        _aes.Decrypt(NonceOf(number, nonce), piece[..^Overhead], piece[^Overhead..], plain, [(byte)(isLast ? 1 : 0)]);
    }

    public void Dispose() => _aes.Dispose();

    // The key is this attachment's alone, so that numbers never repeat under it.
    private static Span<byte> NonceOf(long number, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], number);
        return nonce;
    }
}
