using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dapr.Workflow.Replay;

/// <summary>GUIDs of RFC 9562 version 5: the same name gives the same GUID.</summary>
internal static class DeterministicGuid
{
    // A random namespace of this library's own.
    private static readonly Guid Namespace = new("6f0c7b52-5d0e-4c1c-9a53-3b8c1d7f2e90");

    /// <summary>The GUID of a name.</summary>
    public static Guid Create(string name)
    {
        var text = Encoding.UTF8.GetByteCount(name);
        Span<byte> source = text <= 240 ? stackalloc byte[16 + text] : new byte[16 + text];
        Namespace.TryWriteBytes(source, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, source[16..]);

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Version 5 is SHA-1 by definition; it names things here and protects nothing.
        SHA1.HashData(source, hash);
#pragma warning restore CA5350

        var version = BinaryPrimitives.ReadUInt16BigEndian(hash[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], (ushort)((version & 0x0fff) | 0x5000));
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
