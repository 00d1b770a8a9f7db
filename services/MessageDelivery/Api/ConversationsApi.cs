using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>A user's conversations.</summary>
internal static class ConversationsApi
{
    public static void MapConversations(this WebApplication app)
    {
        var conversations = app.MapGroup("/conversations").WithTags("Conversations").RequireUser(app.Services).GathersErrors().ProducesValidationProblem();

        conversations.MapGet("/", ListAsync).WithName("ListConversations").WithSummary("The user's conversations, newest first.").WithPaging().WithUser();
        conversations.MapDelete("/{id}", DeleteAsync).WithName("DeleteConversation")
            .WithSummary("Deletes a conversation for both of its participants; the next message in it revives it, as long as it has not been cleaned up.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<ConversationPage>, ValidationProblem>> ListAsync(
        HttpContext context, ConversationStore store, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var (user, limit, cursor) = (input.RequiredUser(), input.Limit(), input.Cursor());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var (page, hasMore) = await store.ListAsync(user, limit, cursor, cancellationToken);
        return TypedResults.Ok(new ConversationPage(
            [.. page.Select(ConversationView.Of)], hasMore ? new PageCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> DeleteAsync(
        string id, HttpContext context, ConversationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var (conversationId, user) = (input.Id(id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        return await store.DeleteAsync(conversationId, user, time.GetUtcNow(), cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such conversation.");
    }
}

/// <summary>A conversation as its participants see it.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Participants">The two users.</param>
/// <param name="CreatedAt">When it began.</param>
public sealed record ConversationView(Guid ConversationId, IReadOnlyList<Guid> Participants, DateTimeOffset CreatedAt)
{
    /// <summary>The view of a stored conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    public static ConversationView Of(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return new ConversationView(conversation.Id, [conversation.ParticipantA, conversation.ParticipantB], conversation.CreatedAt);
    }
}

/// <summary>A page of conversations, newest first.</summary>
/// <param name="Conversations">The conversations.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
public sealed record ConversationPage(IReadOnlyList<ConversationView> Conversations, string? NextCursor);
