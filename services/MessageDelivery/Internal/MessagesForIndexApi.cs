using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// What the search index asks: which of some messages a user may not read now, the messages to make the index from, and which of some messages are not to be
/// in it. What this service has never had, or has removed, is not hidden: it is another service's, and the index forgets what is removed before it is.
/// </summary>
internal static class MessagesForIndexApi
{
    private const int MaxIds = 10_000;
    private const int MaxPage = 10_000;

    public static void MapMessagesForIndex(this IEndpointRouteBuilder internals)
    {
        internals.MapPost("/users/{userId:guid}/hidden-messages", HiddenAsync);
        internals.MapPost("/messages/page", PageAsync);
        internals.MapPost("/messages/missing", MissingAsync);
    }

    private static async Task<Results<Ok<MessageIdsAnswer>, ValidationProblem>> HiddenAsync(
        Guid userId, MessageIdsRequest request, MessagesDbContext database, MessageReader reader, CancellationToken cancellationToken)
    {
        if (Wrong(request) is { } wrong)
        {
            return wrong;
        }

        var ids = request.Ids!.ToArray();
        var known = await database.Messages.Where(message => EF.Parameter(ids).Contains(message.Id)).Select(message => message.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(new MessageIdsAnswer([.. known.Except(await reader.ReadableAsync(ids, userId, cancellationToken))]));
    }

    private static async Task<Results<Ok<MessageIdsAnswer>, ValidationProblem>> MissingAsync(
        MessageIdsRequest request, MessagesDbContext database, IOptions<DeliveryOptions> options, CancellationToken cancellationToken)
    {
        if (Wrong(request) is { } wrong)
        {
            return wrong;
        }

        var ids = request.Ids!.ToArray();
        var there = await Indexable(database, options.Value).Where(message => EF.Parameter(ids).Contains(message.Id)).Select(message => message.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(new MessageIdsAnswer([.. ids.Except(there)]));
    }

    private static async Task<Results<Ok<IndexablePage>, ValidationProblem>> PageAsync(
        PageOfMessagesRequest request, MessagesDbContext database, IMessageEncryptor encryptor, IOptions<DeliveryOptions> options, CancellationToken cancellationToken)
    {
        if (BatchSizes.Refusal(request.BatchSize, MaxPage) is { } refusal)
        {
            return refusal;
        }

        var messages = Indexable(database, options.Value);
        var total = await messages.LongCountAsync(cancellationToken);
        var page = await messages.Where(message => request.Cursor == null || message.Id.CompareTo(request.Cursor.Value) > 0)
            .OrderBy(message => message.Id).Take(request.BatchSize).ToListAsync(cancellationToken);
        var ids = page.Select(message => message.Id).ToArray();
        var users = (await database.MessageCopies.Where(copy => EF.Parameter(ids).Contains(copy.MessageId)).Select(copy => new { copy.MessageId, copy.UserId })
            .ToListAsync(cancellationToken)).ToLookup(copy => copy.MessageId, copy => copy.UserId);
        var indexable = new List<IndexableMessage>(page.Count);
        foreach (var message in page)
        {
            try
            {
                var content = message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content;
                var others = users[message.Id].Where(user => user != message.SenderId && user != message.RecipientId).ToArray();
                indexable.Add(new IndexableMessage(
                    message.Id, content, message.SenderId, message.RecipientId, others.Length > 0 ? [.. users[message.Id]] : null, message.ConversationId, message.ReceivedAt));
            }
            catch (PermanentJobException)
            {
                // One that cannot be decrypted has no words to find it by, and stands in nobody's way.
            }
        }

        return TypedResults.Ok(new IndexablePage(indexable, page.Count == request.BatchSize ? page[^1].Id : null, total));
    }

    private static IQueryable<Message> Indexable(MessagesDbContext database, DeliveryOptions options) =>
        database.ShownMessages.AsNoTracking().Where(message => !message.Encrypted || options.IndexEncrypted);

    private static ValidationProblem? Wrong(MessageIdsRequest request) => request.Ids is null or { Count: > MaxIds }
        ? TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["ids"] = [$"is required: the uuids of at most {MaxIds} messages."] })
        : null;
}

/// <summary>Names messages.</summary>
/// <param name="Ids">The messages.</param>
internal sealed record MessageIdsRequest(IReadOnlyList<Guid>? Ids);

/// <summary>Those of the messages that were asked about.</summary>
/// <param name="MessageIds">The messages.</param>
internal sealed record MessageIdsAnswer(IReadOnlyList<Guid> MessageIds);

/// <summary>Asks for a page of messages.</summary>
/// <param name="BatchSize">At most so many, 1–10,000.</param>
/// <param name="Cursor">The answer's <c>nextCursor</c> of the page before; left out for the first.</param>
internal sealed record PageOfMessagesRequest(int BatchSize, Guid? Cursor = null);

/// <summary>A page of messages to index.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="NextCursor">Where the next page begins; null when there is none.</param>
/// <param name="Total">How many there are in all.</param>
internal sealed record IndexablePage(IReadOnlyList<IndexableMessage> Messages, Guid? NextCursor, long Total);

/// <summary>A message as it is to be indexed.</summary>
internal sealed record IndexableMessage(
    Guid MessageId, string Content, Guid SenderId, Guid? RecipientId, IReadOnlyList<Guid>? MemberIds, Guid ConversationId, DateTimeOffset ReceivedAt)
{
    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Message {MessageId}";
}
