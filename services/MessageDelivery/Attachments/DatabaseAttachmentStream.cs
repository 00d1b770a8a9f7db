using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>Reads an attachment from PostgreSQL, a piece at a time. Only asynchronously: nothing here may hold a thread for the database.</summary>
/// <param name="databases">The messages' database.</param>
/// <param name="id">The attachment.</param>
/// <param name="length">Its size.</param>
internal sealed class DatabaseAttachmentStream(IDbContextFactory<PostgresMessagesDbContext> databases, Guid id, long length) : Stream
{
    private long _position;
    private AttachmentChunk? _chunk;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_chunk is not { } chunk || _position < chunk.Position || _position >= chunk.Position + chunk.Bytes.Length)
        {
            chunk = _chunk = await FindAsync(cancellationToken);
        }

        var rest = chunk.Bytes.AsMemory((int)(_position - chunk.Position));
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => length };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        return _position = position;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private async Task<AttachmentChunk> FindAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var chunks = database.AttachmentChunks.AsNoTracking().Where(chunk => chunk.AttachmentId == id).OrderByDescending(chunk => chunk.Position);
        var found = await chunks.Where(chunk => chunk.Position <= _position)
            .Select(chunk => new { Chunk = chunk, Length = chunks.Select(last => last.Position + last.Bytes.Length).First() }).FirstOrDefaultAsync(cancellationToken);
        return found is { Chunk: var chunk } && found.Length == length && _position < chunk.Position + chunk.Bytes.Length
            ? chunk
            : throw new EndOfStreamException("The attachment was removed or sealed while it was read.");
    }
}
