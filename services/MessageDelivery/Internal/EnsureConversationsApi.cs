using Microsoft.AspNetCore.Http.HttpResults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// <c>POST /internal/conversations/ensure</c>: which of these conversations there are, at most 1,000 at once, and creates the missing ones when asked to.
/// Can be repeated. A deleted conversation is there: the next message in it revives it.
/// </summary>
internal static class EnsureConversationsApi
{
    private const int MaxConversations = 1000;

    public static void MapEnsureConversations(this IEndpointRouteBuilder internals) => internals.MapPost("/conversations/ensure", EnsureAsync);

    private static async Task<Results<Ok<EnsuredConversations>, ValidationProblem>> EnsureAsync(
        EnsureConversationsRequest request, ConversationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Wrong(request.Conversations) is { } error)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["conversations"] = [error] });
        }

        var now = time.GetUtcNow();
        return TypedResults.Ok(await store.EnsureAsync(
            [.. request.Conversations!.Select(wanted => new WantedMembers(wanted.ConversationId, [.. wanted.Participants!.Distinct()]))],
            request.Create,
            now,
            cancellationToken));
    }

    private static string? Wrong(IReadOnlyList<WantedConversation>? conversations) => conversations switch
    {
        null => "is required: the conversations, each with its conversationId and its two participants.",
        { Count: > MaxConversations } => $"must have at most {MaxConversations} entries; send the rest in another request.",
        _ when conversations.Any(wanted => wanted is null || wanted.ConversationId == Guid.Empty) => "must each have a conversationId: a uuid.",
        _ when conversations.Any(wanted => wanted.Participants is not { Count: 2 } || wanted.Participants.Contains(Guid.Empty)) =>
            "must each have two participants: the uuids of the users.",
        _ => null,
    };
}

/// <summary>Asks for conversations.</summary>
/// <param name="Create">Whether to create those that are missing. Default: false.</param>
/// <param name="Conversations">The conversations; at most 1,000.</param>
internal sealed record EnsureConversationsRequest(bool Create, IReadOnlyList<WantedConversation>? Conversations);

/// <summary>A conversation as it is to be.</summary>
/// <param name="ConversationId">Its id.</param>
/// <param name="Participants">Its two users, in any order.</param>
internal sealed record WantedConversation(Guid ConversationId, IReadOnlyList<Guid>? Participants);
