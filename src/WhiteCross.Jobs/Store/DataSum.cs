using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// What tells a job's type and data from another's when the data has gone, or is not worth reading: 48 bits of a hash. Blanks between the values of
/// JSON do not count, since the same job may be sent with and without them.
/// </summary>
public static class DataSum
{
    /// <summary>How many characters a sum has.</summary>
    internal const int Length = 8;

    private const int Bytes = 6;

    private static readonly SearchValues<byte> BlanksAndQuote = SearchValues.Create(" \n\r\t\""u8);

    /// <summary>The sum: eight characters.</summary>
    /// <param name="job">The job.</param>
    public static string Of(NewJob job)
    {
        Span<byte> sum = stackalloc byte[Length];
        Write(job, sum);
        return Encoding.ASCII.GetString(sum);
    }

    /// <summary>Writes the sum: eight bytes of ASCII.</summary>
    internal static void Write(NewJob job, Span<byte> sum)
    {
        ArgumentNullException.ThrowIfNull(job);

        var type = job.Type;
        var most = Encoding.UTF8.GetMaxByteCount(type.Length) + 1 + job.Data.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            var length = Encoding.UTF8.GetBytes(type, buffer);
            buffer[length++] = 0;
            length += CopyWithoutBlanks(job.Data.Span, buffer.AsSpan(length));
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.AsSpan(0, length), hash);
            Base64.EncodeToUtf8(hash[..Bytes], sum, out _, out _);
        }
        finally
        {
            // The data of a job is nobody else's to see.
            buffer.AsSpan(0, most).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Copies piece by piece: what lies between two blanks, and whole strings with theirs.</summary>
    private static int CopyWithoutBlanks(ReadOnlySpan<byte> json, Span<byte> to)
    {
        var length = 0;
        while (!json.IsEmpty)
        {
            var piece = json.IndexOfAny(BlanksAndQuote);
            var isString = piece >= 0 && json[piece] == (byte)'"';
            var end = isString ? piece + 1 + LengthOfString(json[(piece + 1)..]) : piece < 0 ? json.Length : piece;
            json[..end].CopyTo(to[length..]);
            length += end;
            json = json[Math.Min(json.Length, isString ? end : end + 1)..];
        }

        return length;
    }

    /// <summary>To the closing quote and with it; all of it where there is none.</summary>
    private static int LengthOfString(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (text[length..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var at)
        {
            length += at;
            if (text[length] == (byte)'"')
            {
                return length + 1;
            }

            // An escape is two characters, whatever the second is.
            length = Math.Min(text.Length, length + 2);
        }

        return text.Length;
    }
}
