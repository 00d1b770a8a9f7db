using System.Security.Cryptography;

namespace WhiteCross.MessageDelivery;

/// <summary>Reads a sealed attachment as it was uploaded, a piece at a time.</summary>
/// <param name="content">What is stored; it can seek.</param>
/// <param name="key">The attachment's key.</param>
/// <param name="length">The attachment's size.</param>
internal sealed class OpenedStream(Stream content, byte[] key, long length) : ForwardStream
{
    private readonly SealedPieces _pieces = new(key);
    private readonly byte[] _sealed = new byte[SealedPieces.Plain + SealedPieces.Overhead];
    private readonly byte[] _plain = new byte[SealedPieces.Plain];
    private long _position;
    private long _opened = -1;

    public override bool CanSeek => true;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    private long Last => length == 0 ? 0 : (length - 1) / SealedPieces.Plain;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        var number = _position / SealedPieces.Plain;
        if (number != _opened)
        {
            await OpenAsync(number, cancellationToken);
        }

        var at = (int)(_position % SealedPieces.Plain);
        var count = Math.Min(LengthOf(number) - at, buffer.Length);
        _plain.AsMemory(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => length };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        return _position = position;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pieces.Dispose();
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        _pieces.Dispose();
        await content.DisposeAsync();
        await base.DisposeAsync();
    }

    private int LengthOf(long number) => (int)Math.Min(SealedPieces.Plain, length - (number * SealedPieces.Plain));

    private async Task OpenAsync(long number, CancellationToken cancellationToken)
    {
        var piece = _sealed.AsMemory(0, LengthOf(number) + SealedPieces.Overhead);
        content.Seek(number * (SealedPieces.Plain + SealedPieces.Overhead), SeekOrigin.Begin);
        await content.ReadExactlyAsync(piece, cancellationToken);
        try
        {
            _pieces.Open(number, number == Last, piece.Span, _plain.AsSpan(0, LengthOf(number)));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new InvalidDataException("The attachment is not what was stored.", exception);
        }

        _opened = number;
    }
}
