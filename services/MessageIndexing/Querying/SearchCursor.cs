using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// A place in the order of results: behind the message that it names. While that message is found, its present score counts, so that a page goes on
/// at the right place although what was indexed meanwhile has moved all scores a little.
/// </summary>
/// <param name="Score">The message's score when the page was made.</param>
/// <param name="SentAt">The message's time.</param>
/// <param name="Id">The message's id.</param>
internal sealed record SearchCursor(double Score, DateTimeOffset SentAt, Guid Id)
{
    private const int Size = sizeof(uint) + (2 * sizeof(long)) + 16;

    /// <summary>The cursor as clients carry it: opaque to them.</summary>
    /// <param name="search">A number made from the search, which the cursor belongs to.</param>
    public string ToText(uint search)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, search);
        BinaryPrimitives.WriteDoubleBigEndian(bytes[4..], Score);
        BinaryPrimitives.WriteInt64BigEndian(bytes[12..], SentAt.UtcTicks);
        Id.TryWriteBytes(bytes[20..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">What the client gave back.</param>
    /// <param name="search">The number made from the search that it is given with.</param>
    /// <param name="cursor">The cursor.</param>
    public static bool TryParse(string text, uint search, [NotNullWhen(true)] out SearchCursor? cursor)
    {
        cursor = null;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Base64Url.GetEncodedLength(Size) || !Base64Url.IsValid(text, out var size) || size != Size)
        {
            return false;
        }

        Base64Url.DecodeFromChars(text, bytes);
        var score = BinaryPrimitives.ReadDoubleBigEndian(bytes[4..]);
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[12..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes) != search || !double.IsFinite(score) || ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        cursor = new SearchCursor(score, new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[20..], bigEndian: true));
        return true;
    }
}
