using System.Buffers;

namespace WhiteCross.Gateway;

/// <summary>A request's body in a rented buffer, read up to a limit.</summary>
internal readonly struct LimitedBody : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    private LimitedBody(byte[] buffer, int length, bool isTooLarge) => (_buffer, _length, IsTooLarge) = (buffer, length, isTooLarge);

    public bool IsTooLarge { get; }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    public static async ValueTask<LimitedBody> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return new LimitedBody([], 0, isTooLarge: true);
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? 4096) + 1);
        var length = 0;
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                if (read == 0 || length > limit)
                {
                    return new LimitedBody(buffer, Math.Min(length, limit), length > limit);
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                    buffer = larger;
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        }
    }
}
