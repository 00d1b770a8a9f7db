using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Sealing;

/// <summary>
/// Seals and opens what job records hold: AES-256-GCM, bound to the job and to the place in its record. What is sealed is text,
/// <c>wcs1.(key id).(base64url of salt, nonce, cipher text, tag)</c>.
/// </summary>
/// <remarks>
/// Each process seals with a key of its own, made of the ring's current key and a random salt, and numbers what it seals: with random nonces under one
/// key, a busy system would come to their limit within weeks.
/// </remarks>
public sealed class JobSeal : IDisposable
{
    private const int SaltLength = 16;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = SaltLength + NonceLength + TagLength;
    private const int MostDerived = 10_000;
    private const long MostOfOneKey = 1L << 31;

    private static readonly byte[] Prefix = "wcs1."u8.ToArray();

    private readonly SealingKeys _keys;
    private readonly ConcurrentDictionary<(string Id, Int128 Salt), OwnKey> _derived = new();
    private readonly ThreadLocal<IncrementalHash> _sums;
    private readonly Lock _lock = new();
    private volatile OwnKey _own;
    private volatile OwnKey? _opened;

    /// <summary>Creates the seal.</summary>
    /// <param name="keys">The keys.</param>
    public JobSeal(SealingKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
        _sums = new ThreadLocal<IncrementalHash>(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.HashKey));
        _own = Renew();
    }

    /// <summary>Whether a text is sealed.</summary>
    /// <param name="text">The text.</param>
    public static bool IsSealed(ReadOnlySpan<byte> text) => text.StartsWith(Prefix);

    /// <summary>Whether a text is sealed with this key.</summary>
    internal static bool IsSealedWith(string keyId, ReadOnlySpan<byte> text) =>
        IsSealed(text) && text[Prefix.Length..] is var rest && rest.Length > keyId.Length && rest[keyId.Length] == '.' && Ascii.Equals(rest[..keyId.Length], keyId);

    /// <summary>Seals.</summary>
    /// <param name="plain">What to seal.</param>
    /// <param name="boundTo">What it is bound to: to be opened, it must be the same.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, string boundTo) => Seal(plain, boundTo, quotes: 0);

    /// <summary>Seals JSON, which becomes a JSON text.</summary>
    internal byte[] SealJson(ReadOnlySpan<byte> json, string boundTo) => Seal(json, boundTo, quotes: 1);

    /// <summary>Opens what <see cref="Seal(ReadOnlySpan{byte}, string)"/> made.</summary>
    /// <param name="text">What it made.</param>
    /// <param name="boundTo">What it is bound to.</param>
    /// <returns>What was sealed; null when its key is gone, or anything differs from what was sealed.</returns>
    public byte[]? Open(ReadOnlySpan<byte> text, string boundTo)
    {
        if (!IsSealed(text))
        {
            return null;
        }

        var rest = text[Prefix.Length..];
        var dot = rest.IndexOf((byte)'.');
        if (dot <= 0)
        {
            return null;
        }

        var encoded = rest[(dot + 1)..];
        var most = Base64Url.GetMaxDecodedLength(encoded.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(most + Encoding.UTF8.GetMaxByteCount(boundTo.Length));
        try
        {
            if (Base64Url.DecodeFromUtf8(encoded, buffer.AsSpan(0, most), out _, out var length) != OperationStatus.Done
                || length < Overhead
                || KeyOf(rest[..dot], buffer.AsSpan(0, SaltLength)) is not { } key)
            {
                return null;
            }

            var box = buffer.AsSpan(0, length);
            var associated = buffer.AsSpan(most, Encoding.UTF8.GetBytes(boundTo, buffer.AsSpan(most)));
            var plain = new byte[length - Overhead];
            return key.TryDecrypt(box.Slice(SaltLength, NonceLength), box[(SaltLength + NonceLength)..^TagLength], box[^TagLength..], plain, associated) ? plain : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A sum by which equal data is known to be equal, and of which nobody without the key learns anything.</summary>
    internal void Sum(ReadOnlySpan<byte> data, Span<byte> sum)
    {
        var hash = _sums.Value!;
        hash.AppendData(data);
        hash.GetHashAndReset(sum);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _derived.Values)
        {
            key.Dispose();
        }

        _sums.Dispose();
    }

    private byte[] Seal(ReadOnlySpan<byte> plain, string boundTo, int quotes)
    {
        var own = _own;
        var number = own.NextNumber();
        if (number > MostOfOneKey)
        {
            lock (_lock)
            {
                own = _own == own ? _own = Renew() : _own;
            }

            number = own.NextNumber();
        }

        // The box, and what it is bound to behind it: one buffer for both, and nothing else to be collected than the text.
        var length = Overhead + plain.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length + Encoding.UTF8.GetMaxByteCount(boundTo.Length));
        try
        {
            var box = buffer.AsSpan(0, length);
            var associated = buffer.AsSpan(length, Encoding.UTF8.GetBytes(boundTo, buffer.AsSpan(length)));
            own.Salt.CopyTo(box);
            var nonce = box.Slice(SaltLength, NonceLength);
            nonce[..4].Clear();
            BinaryPrimitives.WriteInt64BigEndian(nonce[4..], number);
            own.Encrypt(nonce, plain, box[(SaltLength + NonceLength)..^TagLength], box[^TagLength..], associated);
            var head = quotes + own.Head.Length;
            var text = new byte[head + Base64Url.GetEncodedLength(length) + quotes];
            text[0] = text[^1] = (byte)'"'; // Written over where there are none.
            own.Head.CopyTo(text, quotes);
            Base64Url.EncodeToUtf8(box, text.AsSpan(head), out _, out _);
            return text;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private OwnKey Renew() => KeyOf(_keys.CurrentId, _keys.Find(_keys.CurrentId)!, BinaryPrimitives.ReadInt128BigEndian(RandomNumberGenerator.GetBytes(SaltLength)));

    /// <summary>The key of a process; null when the ring has no key of this id.</summary>
    private OwnKey? KeyOf(ReadOnlySpan<byte> id, ReadOnlySpan<byte> salt)
    {
        // Most of what a process opens was sealed by the same one.
        if (_opened is { } last && last.Is(id, salt))
        {
            return last;
        }

        var name = Encoding.ASCII.GetString(id);
        return _keys.Find(name) is { } key ? _opened = KeyOf(name, key, BinaryPrimitives.ReadInt128BigEndian(salt)) : null;
    }

    private OwnKey KeyOf(string id, byte[] key, Int128 salt)
    {
        if (_derived.TryGetValue((id, salt), out var known))
        {
            return known;
        }

        if (_derived.Count >= MostDerived)
        {
            // Each is made again when it is needed; the one in use is referred to by its field.
            _derived.Clear();
        }

        return _derived.GetOrAdd((id, salt), static (name, key) => new OwnKey(name.Id, name.Salt, key), key);
    }

    /// <summary>A key of one process.</summary>
    private sealed class OwnKey : IDisposable
    {
        private readonly ThreadLocal<AesGcm> _aes;
        private long _number;

        public OwnKey(string id, Int128 salt, byte[] key)
        {
            Head = [.. Prefix, .. Encoding.ASCII.GetBytes(id), (byte)'.'];
            Salt = new byte[SaltLength];
            BinaryPrimitives.WriteInt128BigEndian(Salt, salt);
            var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, key.Length, Salt, "job records"u8.ToArray());
            _aes = new ThreadLocal<AesGcm>(() => new AesGcm(derived, TagLength));
        }

        /// <summary>What stands in front of what it seals.</summary>
        public byte[] Head { get; }

        public byte[] Salt { get; }

        public bool Is(ReadOnlySpan<byte> id, ReadOnlySpan<byte> salt) => salt.SequenceEqual(Salt) && id.SequenceEqual(Head.AsSpan(Prefix.Length..^1));

        public long NextNumber() => Interlocked.Increment(ref _number);

        public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag, ReadOnlySpan<byte> associated) =>
            _aes.Value!.Encrypt(nonce, plain, cipher, tag, associated);

        public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associated)
        {
            try
            {
                _aes.Value!.Decrypt(nonce, cipher, tag, plain, associated);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public void Dispose() => _aes.Dispose();
    }
}
