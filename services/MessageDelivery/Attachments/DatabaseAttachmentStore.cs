using System.Runtime.CompilerServices;
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
        var length = 0L;
        await foreach (var chunk in ChunksAsync(id, content, cancellationToken))
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            database.AttachmentChunks.Add(chunk);
            await database.SaveChangesAsync(cancellationToken);
            length = chunk.Position + chunk.Bytes.Length;
        }

        return length;
    }

    public async Task<bool> ReplaceAsync(Guid id, long length, Func<Stream, Stream> change, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Database.CreateExecutionStrategy().ExecuteAsync(token => ReplaceAsync(database, id, length, change, token), cancellationToken);
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

    private async Task<bool> ReplaceAsync(PostgresMessagesDbContext database, Guid id, long length, Func<Stream, Stream> change, CancellationToken cancellationToken)
    {
        database.ChangeTracker.Clear();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);

        // Whoever does the same waits here, and then finds another length.
        await database.Database.ExecuteSqlAsync($"SELECT 1 FROM attachments WHERE id = {id} FOR UPDATE", cancellationToken);
        await using var content = await OpenReadAsync(id, cancellationToken);
        if (content is null || content.Length != length)
        {
            return false;
        }

        // What is read is still what was there before the transaction.
        await database.AttachmentChunks.Where(chunk => chunk.AttachmentId == id).ExecuteDeleteAsync(cancellationToken);
        await using var changed = change(content);
        await foreach (var chunk in ChunksAsync(id, changed, cancellationToken))
        {
            database.AttachmentChunks.Add(chunk);
            await database.SaveChangesAsync(cancellationToken);
            database.ChangeTracker.Clear();
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    // At least one, which may be empty.
    private static async IAsyncEnumerable<AttachmentChunk> ChunksAsync(Guid id, Stream content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = 0L;
        int read;
        do
        {
            var bytes = new byte[ChunkSize];
            read = await content.ReadAtLeastAsync(bytes, ChunkSize, throwOnEndOfStream: false, cancellationToken);
            if (read > 0 || position == 0)
            {
                yield return new AttachmentChunk { AttachmentId = id, Position = position, Bytes = read == ChunkSize ? bytes : bytes[..read] };
            }

            position += read;
        }
        while (read == ChunkSize);
    }
}
