using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>A user's conversations: listing, making and deleting them. Who is in them: <see cref="MembersApi"/>.</summary>
internal static class ConversationsApi
{
    private const int MaxTitle = 200;

    public static void MapConversations(this WebApplication app)
    {
        var conversations = app.MapGroup("/conversations").WithTags("Conversations").RequireUser(app.Services).GathersErrors().ProducesValidationProblem();

        conversations.MapGet("/", ListAsync).WithName("ListConversations").WithSummary("The user's conversations, newest first.").WithPaging().WithUser();
        conversations.MapPost("/", CreateAsync).WithName("CreateConversation")
            .WithSummary("Makes a conversation of several members; its maker owns it. A conversation of two needs no making: its first message does.")
            .WithUser().ProducesProblem(StatusCodes.Status409Conflict);
        conversations.MapGet("/{id}", GetAsync).WithName("GetConversation").WithSummary("A conversation, to its members.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound);
        conversations.MapDelete("/{id}", DeleteAsync).WithName("DeleteConversation")
            .WithSummary("Deletes a conversation for the user who asks: what was said up to now. The next message in it brings it back, without what was deleted.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound);
        conversations.MapPost("/{id}/end", EndAsync).WithName("EndConversation")
            .WithSummary("Ends a conversation for all of its members, for good; for its owner.")
            .WithUser().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        conversations.MapMembers();
    }

    /// <summary>The same answer whether there is none or the user is no member of it.</summary>
    internal static ProblemHttpResult Unknown() => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such conversation.");

    internal static ProblemHttpResult OnlyOwner(string what) => TypedResults.Problem(
        statusCode: StatusCodes.Status403Forbidden, title: $"Only its owner {what}.", detail: "A conversation that began with a message has no owner; one made with POST /conversations is its maker's.");

    private static async Task<Results<Ok<ConversationPage>, ValidationProblem>> ListAsync(
        QueryInput input, ConversationStore store, CancellationToken cancellationToken)
    {
        var (user, limit, cursor) = (input.RequiredUser(), input.Limit(), input.Cursor());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var (page, hasMore) = await store.ListAsync(user, limit, cursor, cancellationToken);
        var last = hasMore ? page[^1].Conversation : null;
        return TypedResults.Ok(new ConversationPage([.. page.Select(ConversationView.Of)], last is null ? null : new PageCursor(last.CreatedAt, last.Id).ToString()));
    }

    private static async Task<Results<Ok<ConversationView>, ProblemHttpResult, ValidationProblem>> GetAsync(
        string id, QueryInput input, ConversationStore store, CancellationToken cancellationToken)
    {
        var (conversation, user) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        return await store.FindAsync(conversation, user, cancellationToken) is { } details ? TypedResults.Ok(ConversationView.Of(details)) : Unknown();
    }

    private static async Task<Results<Created<ConversationView>, Ok<ConversationView>, ProblemHttpResult, ValidationProblem>> CreateAsync(
        NewConversation wanted, QueryInput input, ConversationChanges changes, ConversationStore store, IOptions<DeliveryOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var user = input.RequiredUser();
        var most = options.Value.MaxMembers;
        if (wanted.ConversationId == Guid.Empty)
        {
            input.Refuse("conversationId", "must be a uuid other than the empty one; leave it out to have one made.");
        }

        if (wanted.MemberIds is not { Count: > 0 } members || members.Contains(Guid.Empty) || !members.Any(member => member != user))
        {
            input.Refuse("memberIds", "is required: the uuids of the members, at least one beside the user who makes the conversation.");
        }
        else if (members.Append(user).Distinct().Count() > most)
        {
            input.Refuse("memberIds", $"must leave the conversation with at most {most} members (Delivery:MaxMembers).");
        }

        if (wanted.Title is { } title && (title.Length > MaxTitle || title.Any(char.IsControl) || string.IsNullOrWhiteSpace(title)))
        {
            input.Refuse("title", $"must be 1 to {MaxTitle} characters, without control characters; leave it out for none.");
        }

        if (input.HasErrors)
        {
            return input.Problem();
        }

        var now = time.GetUtcNow();
        var id = wanted.ConversationId ?? Guid.CreateVersion7(now);
        var creation = await changes.CreateAsync(id, user, [.. wanted.MemberIds!], wanted.Title, now, cancellationToken);
        if (creation == ConversationCreation.Taken || await store.FindAsync(id, user, cancellationToken) is not { } details)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "There is another conversation of this id.", detail: "conversationId: choose another one, or leave it out.");
        }

        return creation == ConversationCreation.Created
            ? TypedResults.Created($"/conversations/{id}", ConversationView.Of(details))
            : TypedResults.Ok(ConversationView.Of(details));
    }

    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> DeleteAsync(
        string id, QueryInput input, ConversationChanges changes, ForgottenConversations forgotten, TimeProvider time, CancellationToken cancellationToken)
    {
        var (conversation, user) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var change = await changes.DeleteAsync(conversation, user, time.GetUtcNow(), cancellationToken);
        if (change == ConversationChange.NotFound)
        {
            return Unknown();
        }

        await forgotten.ForgetIfGoneAsync(change, conversation, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> EndAsync(
        string id, QueryInput input, ConversationChanges changes, ForgottenConversations forgotten, TimeProvider time, CancellationToken cancellationToken)
    {
        var (conversation, user) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var change = await changes.EndAsync(conversation, user, time.GetUtcNow(), cancellationToken);
        if (change is ConversationChange.NotFound or ConversationChange.NotAllowed)
        {
            return change == ConversationChange.NotFound ? Unknown() : OnlyOwner("ends a conversation for all");
        }

        await forgotten.ForgetIfGoneAsync(change, conversation, cancellationToken);
        return TypedResults.NoContent();
    }
}
