using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Legal holds, by Dapr's service invocation: <c>PUT /internal/legal-holds/{id}</c> places one on a conversation or on a user, <c>GET</c> lists them,
/// <c>DELETE</c> lifts one. What is held, no clean-up removes.
/// </summary>
internal static class LegalHoldsApi
{
    private const int MaxReason = 500;

    public static void MapLegalHolds(this IEndpointRouteBuilder internals)
    {
        internals.MapGet("/legal-holds", ListAsync);
        internals.MapPut("/legal-holds/{id:guid}", PlaceAsync);
        internals.MapDelete("/legal-holds/{id:guid}", LiftAsync);
    }

    private static async Task<Ok<IReadOnlyList<LegalHold>>> ListAsync(MessagesDbContext database, CancellationToken cancellationToken) =>
        TypedResults.Ok<IReadOnlyList<LegalHold>>(await database.LegalHolds.AsNoTracking().OrderBy(hold => hold.PlacedAt).ThenBy(hold => hold.Id).ToListAsync(cancellationToken));

    private static async Task<Results<NoContent, Conflict, ValidationProblem>> PlaceAsync(
        Guid id, NewLegalHold wanted, MessagesDbContext database, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        if (wanted.ConversationId is null == wanted.UserId is null || wanted.ConversationId == Guid.Empty || wanted.UserId == Guid.Empty)
        {
            errors["conversationId"] = ["name either a conversation (conversationId) or a user (userId): a uuid."];
        }

        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > MaxReason || wanted.Reason.Contains('\0', StringComparison.Ordinal))
        {
            errors["reason"] = [$"is required: text of 1 to {MaxReason} characters, for example the number of the case."];
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var existing = await database.LegalHolds.AsNoTracking().FirstOrDefaultAsync(
            hold => hold.Id == id || (hold.ConversationId != null && hold.ConversationId == wanted.ConversationId) || (hold.UserId != null && hold.UserId == wanted.UserId),
            cancellationToken);
        if (existing is not null)
        {
            // The same once more is placed already; anything else would change a hold that somebody relies on.
            return existing.Id == id && existing.ConversationId == wanted.ConversationId && existing.UserId == wanted.UserId ? TypedResults.NoContent() : TypedResults.Conflict();
        }

        database.LegalHolds.Add(new LegalHold
        {
            Id = id,
            ConversationId = wanted.ConversationId,
            UserId = wanted.UserId,
            Reason = wanted.Reason!,
            PlacedAt = time.GetUtcNow().ToStored(),
        });
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, NotFound>> LiftAsync(Guid id, MessagesDbContext database, CancellationToken cancellationToken) =>
        await database.LegalHolds.Where(hold => hold.Id == id).ExecuteDeleteAsync(cancellationToken) == 1 ? TypedResults.NoContent() : TypedResults.NotFound();
}

/// <summary>A hold to place, on one of the two.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="UserId">The user.</param>
/// <param name="Reason">Why. Required.</param>
internal sealed record NewLegalHold(Guid? ConversationId, Guid? UserId, string? Reason);
