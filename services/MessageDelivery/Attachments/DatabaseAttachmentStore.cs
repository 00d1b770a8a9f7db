using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Keeps attachments in PostgreSQL, in pieces, so that neither an upload nor a download holds one in memory. Each piece is a command of its own: a client
/// that sends or reads slowly keeps no connection and no transaction meanwhile.
/// </summary>
/// <param name="databases">The messages' database.</param>
internal sealed class DatabaseAttachmentStore(IDbContextFactory<PostgresMessagesDbContext> databases) : IAttachmentStore
{
    // Below the size from which the runtime keeps arrays on the heap of large objects.
    private const int ChunkSize = 64 * 1024;

    public async Task<long> SaveAsync(Guid id, Stream content, CancellationToken cancellationToken)
    {
        var position = 0L;
        int read;
        do
        {
            var bytes = new byte[ChunkSize];
            read = await content.ReadAtLeastAsync(bytes, ChunkSize, throwOnEndOfStream: false, cancellationToken);
            if (read > 0 || position == 0)
            {
                await using var database = await databases.CreateDbContextAsync(cancellationToken);
                database.AttachmentChunks.Add(new AttachmentChunk { AttachmentId = id, Position = position, Bytes = read == ChunkSize ? bytes : bytes[..read] });
                await database.SaveChangesAsync(cancellationToken);
            }

            position += read;
        }
        while (read == ChunkSize);

        return position;
    }

    public async Task<Stream?> OpenReadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var last = await database.AttachmentChunks.Where(chunk => chunk.AttachmentId == id).OrderByDescending(chunk => chunk.Position)
            .Select(chunk => new { chunk.Position, chunk.Bytes.Length }).FirstOrDefaultAsync(cancellationToken);
        return last is null ? null : new DatabaseAttachmentStream(databases, id, last.Position + last.Length);
    }

    public async Task DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.AttachmentChunks.Where(chunk => chunk.AttachmentId == id).ExecuteDeleteAsync(cancellationToken);
    }
}
