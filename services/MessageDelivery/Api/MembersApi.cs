using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Who is in a conversation: adding and removing members, and leaving.</summary>
internal static class MembersApi
{
    public static void MapMembers(this RouteGroupBuilder conversations)
    {
        conversations.MapPost("/{id}/members", AddAsync).WithName("AddMember")
            .WithSummary("Adds a member, who sees what is said from now on; for the conversation's owner.")
            .WithUser().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        conversations.MapDelete("/{id}/members/{memberId}", RemoveAsync).WithName("RemoveMember")
            .WithSummary("Removes a member, who is shown nothing of the conversation any more; for its owner, and for the member, who leaves.")
            .WithUser().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> AddAsync(
        string id, NewMember member, QueryInput input, ConversationChanges changes, IOptions<DeliveryOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var (conversation, user) = (input.Id("id", id), input.RequiredUser());
        if (member.UserId == Guid.Empty)
        {
            input.Refuse("userId", "is required: the uuid of the user to add.");
        }

        if (input.HasErrors)
        {
            return input.Problem();
        }

        var most = options.Value.MaxMembers;
        return await changes.AddAsync(conversation, user, member.UserId, most, time.GetUtcNow(), cancellationToken) switch
        {
            ConversationChange.NotFound => ConversationsApi.Unknown(),
            ConversationChange.NotAllowed => ConversationsApi.OnlyOwner("adds members"),
            ConversationChange.Full => TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The conversation is full.", detail: $"A conversation has at most {most} members (Delivery:MaxMembers)."),
            _ => TypedResults.NoContent(),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult, ValidationProblem>> RemoveAsync(
        string id, string memberId, QueryInput input, ConversationChanges changes, ForgottenConversations forgotten, TimeProvider time, CancellationToken cancellationToken)
    {
        var (conversation, user) = (input.Id("id", id), input.RequiredUser());
        if (!Guid.TryParseExact(memberId, "D", out var member))
        {
            input.Refuse("memberId", "must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b.");
        }

        if (input.HasErrors)
        {
            return input.Problem();
        }

        var change = await changes.RemoveAsync(conversation, user, member, time.GetUtcNow(), cancellationToken);
        await forgotten.ForgetIfGoneAsync(change, conversation, cancellationToken);
        return change switch
        {
            ConversationChange.NotFound => ConversationsApi.Unknown(),
            ConversationChange.NotAllowed => ConversationsApi.OnlyOwner("removes others"),
            ConversationChange.NoSuchMember => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The conversation has no such member."),
            _ => TypedResults.NoContent(),
        };
    }
}
