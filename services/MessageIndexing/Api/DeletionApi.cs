using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// <c>POST /internal/messages/delete</c>: takes messages out of the index, at most 10,000 at once, for other services by Dapr's service invocation. What
/// is not there yet does not get in later by an event from before. Can be repeated.
/// </summary>
internal static class DeletionApi
{
    private const int MaxMessages = 10_000;

    public static void MapDeletion(this IEndpointRouteBuilder app) => app.MapInternal().MapPost("/messages/delete", DeleteAsync);

    private static async Task<Results<Ok<DeletionAnswer>, ValidationProblem>> DeleteAsync(
        DeletionRequest request, IMessageIndex index, TimeProvider time, CancellationToken cancellationToken)
    {
        var error = request.MessageIds switch
        {
            null => "is required: the uuids of the messages.",
            { Count: > MaxMessages } => $"must have at most {MaxMessages} uuids; send the rest in another request.",
            _ when request.MessageIds.Contains(Guid.Empty) => "must not contain the empty uuid.",
            _ => null,
        };
        if (error is not null)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["messageIds"] = [error] });
        }

        var now = time.GetUtcNow();
        var effects = await index.ApplyAsync([.. request.MessageIds!.Select(id => new IndexEvent(id, IndexOperation.Delete, now))], cancellationToken);
        return TypedResults.Ok(new DeletionAnswer(effects.Count(effect => effect == IndexEffect.Removed)));
    }
}

/// <summary>Asks for messages to be taken out.</summary>
/// <param name="MessageIds">The messages.</param>
internal sealed record DeletionRequest(IReadOnlyList<Guid>? MessageIds);

/// <summary>What was taken out.</summary>
/// <param name="Deleted">How many messages were in the index and are no longer.</param>
internal sealed record DeletionAnswer(int Deleted);
