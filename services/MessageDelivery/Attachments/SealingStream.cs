namespace WhiteCross.MessageDelivery;

/// <summary>Reads what a stream has, sealed, as <see cref="SealedPieces"/> says. Two pieces are in memory: to seal one it must be known whether another follows.</summary>
internal sealed class SealingStream(Stream content, byte[] key) : ForwardStream
{
    private readonly SealedPieces _pieces = new(key);
    private readonly byte[] _sealed = new byte[SealedPieces.Plain + SealedPieces.Overhead];
    private byte[] _current = new byte[SealedPieces.Plain];
    private byte[] _next = new byte[SealedPieces.Plain];
    private int _nextLength = -1;
    private int _length;
    private int _position;
    private long _number;
    private bool _isDone;

    /// <summary>How many bytes have been sealed.</summary>
    public long PlainLength { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length)
        {
            if (_isDone)
            {
                return 0;
            }

            await SealNextAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, _length - _position);
        _sealed.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _pieces.Dispose();
        base.Dispose(disposing);
    }

    private async Task SealNextAsync(CancellationToken cancellationToken)
    {
        if (_nextLength < 0)
        {
            _nextLength = await FillAsync(_next, cancellationToken);
        }

        (_current, _next) = (_next, _current);
        var length = _nextLength;
        _nextLength = length == SealedPieces.Plain ? await FillAsync(_next, cancellationToken) : 0;
        _isDone = _nextLength == 0;
        _pieces.Seal(_number++, _isDone, _current.AsSpan(0, length), _sealed.AsSpan(0, length + SealedPieces.Overhead));
        (_position, _length) = (0, length + SealedPieces.Overhead);
        PlainLength += length;
    }

    private ValueTask<int> FillAsync(byte[] piece, CancellationToken cancellationToken) =>
        content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellationToken);
}
