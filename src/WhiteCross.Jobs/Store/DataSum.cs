using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// What tells a job's type and data from another's when the data has gone, or is not worth reading: 48 bits of a hash. Blanks between the values of
/// JSON do not count, since the same job may be sent with and without them.
/// </summary>
public static class DataSum
{
    private const int Bytes = 6;

    /// <summary>The sum: eight characters.</summary>
    /// <param name="job">The job.</param>
    public static string Of(NewJob job)
    {
        ArgumentNullException.ThrowIfNull(job);

        var type = job.Type;
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(type.Length) + 1 + job.Data.Length);
        try
        {
            var length = Encoding.UTF8.GetBytes(type, buffer);
            buffer[length++] = 0;
            length += CopyWithoutBlanks(job.Data.Span, buffer.AsSpan(length));
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.AsSpan(0, length), hash);
            return Convert.ToBase64String(hash[..Bytes]);
        }
        finally
        {
            // The data of a job is nobody else's to see.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static int CopyWithoutBlanks(ReadOnlySpan<byte> json, Span<byte> to)
    {
        var (length, isInString, isEscaped) = (0, false, false);
        foreach (var next in json)
        {
            if (!isInString && (next is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                continue;
            }

            to[length++] = next;
            if (isEscaped)
            {
                isEscaped = false;
            }
            else if (isInString && next == (byte)'\\')
            {
                isEscaped = true;
            }
            else if (next == (byte)'"')
            {
                isInString = !isInString;
            }
        }

        return length;
    }
}
