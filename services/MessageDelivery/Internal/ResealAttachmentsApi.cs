using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// <c>POST /internal/attachments/reseal</c>: seals the keys of attachments with the current key of SECRET_JOB_KEYS, batch by batch in the order of their ids.
/// Once it answers without a cursor, attachments need the former key no more. Can be repeated.
/// </summary>
internal static class ResealAttachmentsApi
{
    private const int MaxBatch = 1000;
    private const int DefaultBatch = 100;

    public static void MapResealAttachments(this IEndpointRouteBuilder internals) => internals.MapPost("/attachments/reseal", ResealAsync);

    private static async Task<Results<Ok<Reencrypted>, ValidationProblem>> ResealAsync(
        ReencryptRequest request, MessagesDbContext database, AttachmentContents contents, CancellationToken cancellationToken)
    {
        if (BatchSizes.Refusal(request.BatchSize, MaxBatch) is { } refusal)
        {
            return refusal;
        }

        var size = request.BatchSize ?? DefaultBatch;
        var batch = await database.Attachments.AsNoTracking()
            .Where(attachment => attachment.SealedKey != null && (request.Cursor == null || attachment.Id.CompareTo(request.Cursor.Value) > 0))
            .OrderBy(attachment => attachment.Id)
            .Take(size)
            .Select(attachment => new { attachment.Id, SealedKey = attachment.SealedKey! })
            .ToListAsync(cancellationToken);
        var (changed, damaged) = (0, new List<Guid>());
        foreach (var attachment in batch)
        {
            if (contents.SealAnew(attachment.Id, attachment.SealedKey) is not { } anew)
            {
                damaged.Add(attachment.Id); // It harms no other, and somebody should look at it.
            }
            else if (anew != attachment.SealedKey)
            {
                changed += await database.Attachments.Where(stored => stored.Id == attachment.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(stored => stored.SealedKey, anew), cancellationToken);
            }
        }

        return TypedResults.Ok(new Reencrypted(changed, damaged, batch.Count == size ? batch[^1].Id : null));
    }
}
