using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Ids of a batch that follow from what is given, so that whatever is repeated finds what is there already.</summary>
public static class MadeIds
{
    /// <summary>The id of that name: a UUID of version 8, which is made of a hash as version 5 is, but not of SHA-1.</summary>
    /// <param name="kind">What it is the id of.</param>
    /// <param name="name">What it is made of.</param>
    public static Guid Make(string kind, string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"whitecross.batch/{kind}/{name}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
