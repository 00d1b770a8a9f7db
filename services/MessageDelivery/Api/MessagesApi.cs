using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Reading messages. Where users are authenticated, each sees only what is theirs; otherwise <c>userId</c> says who asks, or the path where it names a user.</summary>
internal static class MessagesApi
{
    public static void MapMessages(this WebApplication app)
    {
        var messages = app.MapGroup("/").WithTags("Messages").RequireUser(app.Services).GathersErrors().ProducesValidationProblem();

        messages.MapGet("/messages/{id}", FindAsync).WithName("GetMessage").WithSummary("A message, to the members of its conversation that it was sent to.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapGet("/messages/{id}/content", ReadContentAsync).WithName("GetMessageContent")
            .WithSummary("What a message says, decrypted where it is stored encrypted; to the members of its conversation that it was sent to.")
            .WithUser().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status502BadGateway);
        messages.MapGet("/conversations/{id}/messages", ListConversationAsync).WithName("ListConversation")
            .WithSummary("A conversation's messages, newest first.").WithPaging().WithUser();
        messages.MapGet("/users/{id}/messages", ListInboxAsync).WithName("ListInbox").WithSummary("The messages that were sent to a user, newest first.")
            .WithQueryParameter("unread", JsonSchemaType.Boolean, "true leaves out what was read. Default: false.")
            .WithQueryParameter(
                InboxStart.Parameter, JsonSchemaType.Integer, "The position of the last message that a device has: what came after it, oldest first. Ask again with the last position until there is no more.", "int64")
            .WithPaging().WithUser().ProducesProblem(StatusCodes.Status403Forbidden);
    }

    internal static RouteHandlerBuilder WithUser(this RouteHandlerBuilder endpoint) => endpoint
        .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks, where users are not authenticated; ignored where they are.", "uuid");

    private static async Task<Results<Ok<MessageView>, ProblemHttpResult, ValidationProblem>> FindAsync(
        string id, QueryInput input, MessageReader reader, CancellationToken cancellationToken)
    {
        var (messageId, user) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        // The same answer whether it is missing or somebody else's.
        return await reader.FindAsync(messageId, user, cancellationToken) is { } message
            ? TypedResults.Ok(MessageView.Of(message))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such message.");
    }

    private static async Task<Results<Ok<MessageContent>, ProblemHttpResult, ValidationProblem>> ReadContentAsync(
        string id, QueryInput input, HttpContext context, MessageReader reader, IMessageEncryptor encryptor, CancellationToken cancellationToken)
    {
        var messageId = input.Id("id", id);
        var user = input.RequiredUser();
        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (await reader.FindAsync(messageId, user, cancellationToken) is not { Message: { } message })
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
        string id, QueryInput input, MessageReader reader, CancellationToken cancellationToken)
    {
        var (conversation, user, limit, cursor) = (input.Id("id", id), input.RequiredUser(), input.Limit(), input.Cursor());
        return input.HasErrors ? input.Problem() : Page(await reader.ListConversationAsync(conversation, user, limit, cursor, cancellationToken));
    }

    private static async Task<Results<Ok<MessagePage>, ProblemHttpResult, ValidationProblem>> ListInboxAsync(
        string id, QueryInput input, MessageReader reader, CancellationToken cancellationToken)
    {
        var (user, asking, limit, cursor, unread, after) = (input.Id("id", id), input.User(), input.Limit(), input.Cursor(), input.Flag("unread"), Position(input));
        if (after is not null && (cursor is not null || unread))
        {
            input.Refuse(InboxStart.Parameter, "stands alone: what comes after a position is given oldest first, with neither cursor nor unread.");
        }

        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (asking is not null && asking != user)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "This is another user's inbox.");
        }

        return after is { } position
            ? TypedResults.Ok(new MessagePage([.. (await reader.ListAfterAsync(user, position, limit, cancellationToken)).Select(MessageView.Of)], null))
            : Page(await reader.ListInboxAsync(user, unread, limit, cursor, cancellationToken));
    }

    private static Ok<MessagePage> Page(ReadPage page) => TypedResults.Ok(new MessagePage([.. page.Messages.Select(MessageView.Of)], page.Next?.ToString()));

    // Where to go on; null where it is not asked for.
    private static long? Position(QueryInput input)
    {
        if (input.Text(InboxStart.Parameter) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            input.Refuse(InboxStart.Parameter, "must be the position of a message: a whole number from 0 on.");
        }

        return position;
    }
}
