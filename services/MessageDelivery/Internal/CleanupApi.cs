using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// The clean-ups, for the clean-up service: <c>POST /internal/cleanup/{old-messages|deleted-conversations|expired-attachments}</c> removes a batch, or
/// with <c>dryRun</c> only says which messages would go; <c>…/count</c> counts, at most 100,000 at once. Both go on from the <c>nextCursor</c> of the call
/// before, until it is null. Every call can be repeated and takes a bounded time.
/// </summary>
internal static class CleanupApi
{
    private const int DefaultBatchSize = 1000;
    private const int MaxBatchSize = 10_000;
    private const int MaxCount = 100_000;

    public static void AddCleanups(this IServiceCollection services)
    {
        services.AddScoped<OldMessages>();
        services.AddScoped<DeletedConversations>();
        services.AddScoped<ExpiredAttachments>();
    }

    public static void MapCleanups(this IEndpointRouteBuilder internals)
    {
        internals.MapPost("/cleanup/old-messages", (CleanupRequest request, OldMessages cleanup, CancellationToken token) => RunAsync(request, cleanup, token));
        internals.MapPost("/cleanup/old-messages/count", (CleanupRequest request, OldMessages cleanup, CancellationToken token) => CountAsync(request, cleanup, token));
        internals.MapPost("/cleanup/deleted-conversations", (CleanupRequest request, DeletedConversations cleanup, CancellationToken token) => RunAsync(request, cleanup, token));
        internals.MapPost("/cleanup/deleted-conversations/count", (CleanupRequest request, DeletedConversations cleanup, CancellationToken token) => CountAsync(request, cleanup, token));
        internals.MapPost("/cleanup/expired-attachments", (CleanupRequest request, ExpiredAttachments cleanup, CancellationToken token) => RunAsync(request, cleanup, token));
        internals.MapPost("/cleanup/expired-attachments/count", (CleanupRequest request, ExpiredAttachments cleanup, CancellationToken token) => CountAsync(request, cleanup, token));
    }

    private static async Task<Results<Ok<CleanupAnswer>, ValidationProblem>> RunAsync(CleanupRequest request, ICleanup cleanup, CancellationToken cancellationToken)
    {
        if (request.Read(out var scope, out var from) is { Count: > 0 } errors)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var batch = await cleanup.RunAsync(scope, from, request.BatchSize ?? DefaultBatchSize, request.DryRun ?? false, cancellationToken);
        return TypedResults.Ok(new CleanupAnswer(batch.Deleted, batch.MessageIds, batch.NextCursor?.ToString()));
    }

    private static async Task<Results<Ok<CleanupCountAnswer>, ValidationProblem>> CountAsync(
        CleanupRequest request, ICleanup cleanup, CancellationToken cancellationToken)
    {
        if (request.Read(out var scope, out var from) is { Count: > 0 } errors)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var part = await cleanup.CountAsync(scope, from, MaxCount, cancellationToken);
        return TypedResults.Ok(new CleanupCountAnswer(part.Count, part.NextCursor?.ToString()));
    }

    private static Dictionary<string, string[]> Read(this CleanupRequest request, out CleanupScope scope, out PageCursor? from)
    {
        var errors = new Dictionary<string, string[]>();
        if (request.OlderThan is null)
        {
            errors["olderThan"] = ["is required: a time; what is older goes."];
        }

        if (request.BatchSize is < 1 or > MaxBatchSize)
        {
            errors["batchSize"] = [$"must be from 1 to {MaxBatchSize}."];
        }

        from = null;
        if (request.Cursor is { } cursor && !PageCursor.TryParse(cursor, out from))
        {
            errors["cursor"] = ["is not a cursor: give back the nextCursor of the call before, or leave it out to begin."];
        }

        // Times are stored in whole milliseconds; cut to them, a time never lets go more than it says.
        scope = new CleanupScope(request.OlderThan.GetValueOrDefault().ToStored(), request.ConversationIds, request.UserIds);
        return errors;
    }
}

/// <summary>Asks for a batch of a clean-up, or for its count.</summary>
/// <param name="OlderThan">Only what is older. Required.</param>
/// <param name="ConversationIds">Only of these conversations; left out, of all.</param>
/// <param name="UserIds">Only of these users; left out, of all.</param>
/// <param name="BatchSize">How many to remove at most, 1–10,000. Default: 1,000.</param>
/// <param name="DryRun">Removes nothing. Default: false.</param>
/// <param name="Cursor">Where to go on; left out, at the beginning.</param>
internal sealed record CleanupRequest(DateTimeOffset? OlderThan, Guid[]? ConversationIds, Guid[]? UserIds, int? BatchSize, bool? DryRun, string? Cursor);

/// <summary>What a batch removed.</summary>
/// <param name="Deleted">How many messages, conversations or attachments; none in a dry run.</param>
/// <param name="MessageIds">The messages that went, or in a dry run would go, with it.</param>
/// <param name="NextCursor">Where to go on; null at the end.</param>
internal sealed record CleanupAnswer(int Deleted, IReadOnlyList<Guid> MessageIds, string? NextCursor);

/// <summary>What there is to remove.</summary>
/// <param name="Count">How many from the cursor on, at most 100,000.</param>
/// <param name="NextCursor">Where to go on counting; null at the end.</param>
internal sealed record CleanupCountAnswer(long Count, string? NextCursor);
