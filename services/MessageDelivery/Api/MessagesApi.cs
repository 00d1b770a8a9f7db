using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Reading messages. Where users are authenticated, each sees only what is theirs; otherwise <c>userId</c>, when given, stands for the user.</summary>
internal static class MessagesApi
{
    public static void MapMessages(this WebApplication app)
    {
        var messages = app.MapGroup("/").WithTags("Messages").RequireUser(app.Services).GathersErrors().ProducesValidationProblem();

        messages.MapGet("/messages/{id}", FindAsync).WithName("GetMessage").WithSummary("A message, to its sender and its recipient.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapGet("/messages/{id}/content", ReadContentAsync).WithName("GetMessageContent")
            .WithSummary("What a message says, decrypted where it is stored encrypted; to its sender and its recipient.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status502BadGateway);
        messages.MapGet("/conversations/{id}/messages", ListConversationAsync).WithName("ListConversation")
            .WithSummary("A conversation's messages, newest first.").WithPaging().WithUser();
        messages.MapGet("/users/{id}/messages", ListInboxAsync).WithName("ListInbox").WithSummary("The messages that were sent to a user, newest first.")
            .WithQueryParameter("unread", JsonSchemaType.Boolean, "true leaves out what was read. Default: false.")
            .WithPaging().WithUser().ProducesProblem(StatusCodes.Status403Forbidden);
    }

    internal static RouteHandlerBuilder WithPaging(this RouteHandlerBuilder endpoint) => endpoint
        .WithQueryParameter("limit", JsonSchemaType.Integer, $"At most so many, 1–{RequestInput.MaxLimit}. Default: {RequestInput.DefaultLimit}.")
        .WithQueryParameter("cursor", JsonSchemaType.String, "The nextCursor of the page before. Left out: the first page.");

    internal static RouteHandlerBuilder WithUser(this RouteHandlerBuilder endpoint) => endpoint
        .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks, where users are not authenticated; ignored where they are.", "uuid");

    private static async Task<Results<Ok<MessageView>, ProblemHttpResult, ValidationProblem>> FindAsync(
        string id, HttpContext context, MessageStore store, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var messageId = input.Id(id);
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var message = await store.FindShownAsync(messageId, cancellationToken);

        // The same answer whether it is missing or somebody else's.
        return message is null || (input.User is { } user && !CanSee(message, user))
            ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such message.")
            : TypedResults.Ok(MessageView.Of(message));
    }

    private static async Task<Results<Ok<MessageContent>, ProblemHttpResult, ValidationProblem>> ReadContentAsync(
        string id, HttpContext context, MessageStore store, IMessageEncryptor encryptor, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var messageId = input.Id(id);
        var user = input.RequiredUser();
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var message = await store.FindShownAsync(messageId, cancellationToken);
        if (message is null || !CanSee(message, user))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such message.");
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return TypedResults.Ok(new MessageContent(
                message.Id, message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content));
        }
        catch (PermanentJobException exception)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status502BadGateway, title: "The message cannot be decrypted.", detail: exception.Message);
        }
        catch (HttpRequestException)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "The encryption service is away.", detail: "The message is stored encrypted. Try again soon.");
        }
    }

    private static async Task<Results<Ok<MessagePage>, ProblemHttpResult, ValidationProblem>> ListConversationAsync(
        string id, HttpContext context, MessageStore store, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var query = Query(input) with { ConversationId = input.Id(id), VisibleTo = input.User };
        return input.HasErrors ? input.Problem() : await PageAsync(store, query, cancellationToken);
    }

    private static async Task<Results<Ok<MessagePage>, ProblemHttpResult, ValidationProblem>> ListInboxAsync(
        string id, HttpContext context, MessageStore store, CancellationToken cancellationToken)
    {
        var input = new RequestInput(context);
        var query = Query(input) with { InboxOf = input.Id(id), UnreadOnly = input.Flag("unread") };
        if (input.HasErrors)
        {
            return input.Problem();
        }

        return input.User is { } user && user != query.InboxOf
            ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "This is another user's inbox.")
            : await PageAsync(store, query, cancellationToken);
    }

    private static MessageQuery Query(RequestInput input) => new(input.Limit()) { After = input.Cursor() };

    private static async Task<Ok<MessagePage>> PageAsync(MessageStore store, MessageQuery query, CancellationToken cancellationToken)
    {
        var (messages, hasMore) = await store.ListAsync(query, cancellationToken);
        var next = hasMore ? new PageCursor(messages[^1].CreatedAt, messages[^1].Id).ToString() : null;
        return TypedResults.Ok(new MessagePage([.. messages.Select(MessageView.Of)], next));
    }

    // What was never sent, or failed, is its sender's business only.
    private static bool CanSee(Message message, Guid user) =>
        message.SenderId == user || (message.RecipientId == user && message.Status is MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Read);
}
