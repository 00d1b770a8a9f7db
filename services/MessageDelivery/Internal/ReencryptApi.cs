using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// <c>POST /internal/messages/reencrypt</c>: moves encrypted messages to the current key, batch by batch in the order of their ids. What a change of keys
/// ends with: once it answers without a cursor, the old key is needed no more. Can be repeated.
/// </summary>
internal static class ReencryptApi
{
    private const int MaxBatch = 1000;
    private const int DefaultBatch = 100;

    public static void MapReencrypt(this IEndpointRouteBuilder internals) => internals.MapPost("/messages/reencrypt", ReencryptAsync);

    private static async Task<Results<Ok<Reencrypted>, ValidationProblem>> ReencryptAsync(
        ReencryptRequest request, MessagesDbContext database, IMessageEncryptor encryptor, CancellationToken cancellationToken)
    {
        if (BatchSizes.Refusal(request.BatchSize, MaxBatch) is { } refusal)
        {
            return refusal;
        }

        var size = request.BatchSize ?? DefaultBatch;
        var batch = await database.Messages.AsNoTracking()
            .Where(message => message.Encrypted && (request.Cursor == null || message.Id.CompareTo(request.Cursor.Value) > 0))
            .OrderBy(message => message.Id)
            .Take(size)
            .Select(message => new { message.Id, message.Content })
            .ToListAsync(cancellationToken);
        var (changed, damaged) = (0, new List<Guid>());
        foreach (var message in batch)
        {
            try
            {
                var content = await encryptor.ReencryptAsync(message.Id, message.Content, cancellationToken);
                changed += content == message.Content
                    ? 0
                    : await database.Messages.Where(stored => stored.Id == message.Id && stored.Content == message.Content)
                        .ExecuteUpdateAsync(set => set.SetProperty(stored => stored.Content, content), cancellationToken);
            }
            catch (PermanentJobException)
            {
                damaged.Add(message.Id); // It harms no other, and somebody should look at it.
            }
        }

        return TypedResults.Ok(new Reencrypted(changed, damaged, batch.Count == size ? batch[^1].Id : null));
    }
}

/// <summary>Asks for messages to be moved to the current key.</summary>
/// <param name="BatchSize">How many to look at, 1–1,000. Default: 100.</param>
/// <param name="Cursor">The answer's <c>nextCursor</c> of the batch before; left out for the first.</param>
internal sealed record ReencryptRequest(int? BatchSize = null, Guid? Cursor = null);

/// <summary>What came of it.</summary>
/// <param name="Changed">How many messages have another key now.</param>
/// <param name="Damaged">Messages that cannot be decrypted.</param>
/// <param name="NextCursor">Where the next batch begins; null when there is none.</param>
internal sealed record Reencrypted(int Changed, IReadOnlyList<Guid> Damaged, Guid? NextCursor);
