using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace WhiteCross.Storage;

/// <summary>A place in a list that is ordered by time and id: behind the row that it names. Stays good whatever is added before it.</summary>
/// <param name="Time">The row's time, to the millisecond.</param>
/// <param name="Id">The row's id.</param>
public sealed record PageCursor(DateTimeOffset Time, Guid Id)
{
    private const int Size = sizeof(long) + 16;

    /// <summary>The cursor as clients carry it: opaque to them.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Time.ToUnixTimeMilliseconds());
        Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">What the client gave back.</param>
    /// <param name="cursor">The cursor.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out PageCursor? cursor)
    {
        cursor = null;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Base64Url.GetEncodedLength(Size) || !Base64Url.IsValid(text, out var size) || size != Size)
        {
            return false;
        }

        Base64Url.DecodeFromChars(text, bytes);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        cursor = new PageCursor(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), new Guid(bytes[sizeof(long)..], bigEndian: true));
        return true;
    }
}
