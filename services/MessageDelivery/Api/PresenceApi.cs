using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Whether somebody is there, to those who share a conversation with them.</summary>
internal static class PresenceApi
{
    public static void MapPresence(this WebApplication app) => app.MapGroup("/").WithTags("Presence").RequireUser(app.Services).GathersErrors().ProducesValidationProblem()
        .MapGet("/users/{id}/presence", GetAsync).WithName("GetPresence")
        .WithSummary("Whether a user is connected, and when a device of theirs was last; to themselves and to those who share a conversation with them.")
        .WithUser().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<PresenceView>, ProblemHttpResult, ValidationProblem>> GetAsync(
        string id, QueryInput input, ConversationStore conversations, IPresence presence, LastSeen lastSeen, CancellationToken cancellationToken)
    {
        var (user, asking) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        // The same answer whether there is no such user or they are none of the asker's business.
        return user == asking || await conversations.ShareOneAsync(asking, user, cancellationToken)
            ? TypedResults.Ok(new PresenceView(await presence.CountAsync(user, cancellationToken) > 0, await lastSeen.FindAsync(user, cancellationToken)))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such user in your conversations.");
    }
}

/// <summary>Whether a user is there.</summary>
/// <param name="Online">Whether a device is connected now.</param>
/// <param name="LastSeenAt">When one was last; null when never.</param>
internal sealed record PresenceView(bool Online, DateTimeOffset? LastSeenAt);
