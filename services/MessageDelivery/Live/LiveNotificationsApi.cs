using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// What the notification service asks of the hub, by Dapr's service invocation: <c>POST /internal/users/{userId}/notifications</c> pushes a notification to
/// its user's connections.
/// </summary>
internal static class LiveNotificationsApi
{
    public static void MapLiveNotifications(this IEndpointRouteBuilder app) => app.MapInternal().MapPost("/users/{userId:guid}/notifications", PushAsync);

    private static async Task<Results<Ok<PushedTo>, ValidationProblem>> PushAsync(
        Guid userId, LiveNotification notification, LiveMessages live, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        if (notification.NotificationId == Guid.Empty)
        {
            errors["notificationId"] = ["is required: a uuid."];
        }

        if (string.IsNullOrEmpty(notification.Title))
        {
            errors["title"] = ["is required: text of at least 1 character."];
        }

        return errors.Count > 0
            ? TypedResults.ValidationProblem(errors)
            : TypedResults.Ok(new PushedTo(await live.PushAsync(userId, notification, cancellationToken)));
    }
}
