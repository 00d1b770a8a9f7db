using Microsoft.OpenApi;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>A user's notifications. Where users are authenticated, each sees only what is theirs; otherwise <c>userId</c>, when given, stands for the user.</summary>
internal static class NotificationsApi
{
    public static void MapNotifications(this WebApplication app)
    {
        var notifications = app.MapGroup("/users/{id}/notifications").WithTags("Notifications").RequireUser(app.Services).WithUser();

        notifications.MapGet("/", ListAsync).WithName("ListNotifications").WithSummary("A user's notifications, newest first, and how many are unread.")
            .WithQueryParameter("unread", JsonSchemaType.Boolean, "true leaves out what was read. Default: false.")
            .WithQueryParameter("channel", JsonSchemaType.String, "Which ones: in_app, email, sms, push, or all; what those that are not in the app say is not kept. Default: in_app.")
            .WithPaging()
            .Produces<NotificationPage>();
        app.MapGet("/notifications/{id}", FindAsync).WithTags("Notifications").RequireUser(app.Services)
            .GathersErrors().ProducesValidationProblem()
            .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks, where users are not authenticated; ignored where they are.", "uuid")
            .WithName("GetNotification").WithSummary("One of the user's own notifications: what became of it by each channel.")
            .Produces<NotificationView>().ProducesProblem(StatusCodes.Status404NotFound);
        notifications.MapPost("/{notificationId}/read", MarkReadAsync).WithName("MarkNotificationRead")
            .WithSummary("Marks a notification as read; again changes nothing.")
            .Produces<NotificationView>().ProducesProblem(StatusCodes.Status404NotFound);
        notifications.MapPost("/read", MarkAllReadAsync).WithName("MarkAllNotificationsRead").WithSummary("Marks all of a user's notifications as read.")
            .Produces<MarkedNotifications>();
    }

    /// <summary>What every endpoint about one user has in common.</summary>
    public static RouteGroupBuilder WithUser(this RouteGroupBuilder endpoints) => endpoints
        .GathersErrors().ProducesValidationProblem().ProducesProblem(StatusCodes.Status403Forbidden)
        .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks, where users are not authenticated; ignored where they are.", "uuid");

    /// <summary>What to answer instead, when the caller is somebody else, who is not told what else is wrong, or when something is wrong with the request.</summary>
    /// <param name="input">The request's query.</param>
    /// <param name="id">Whose notifications it is about, as the path says.</param>
    /// <param name="user">The same.</param>
    public static IResult? Refusal(this QueryInput input, string id, out Guid user)
    {
        user = input.Id("id", id);
        return input.User() is { } caller && !input.Errors.ContainsKey("id") && caller != user
            ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "These are another user's notifications.")
            : input.HasErrors ? input.Problem() : null;
    }

    private static async Task<IResult> FindAsync(string id, QueryInput input, NotificationStore store, CancellationToken cancellationToken)
    {
        var (notification, caller) = (input.Id("id", id), input.User());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        // The same answer whether it is missing or somebody else's.
        return await store.FindAsync(notification, cancellationToken) is { } found && (caller ?? found.UserId) == found.UserId
            ? TypedResults.Ok(NotificationView.Of(found))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such notification.");
    }

    private static async Task<IResult> ListAsync(string id, QueryInput input, NotificationStore store, CancellationToken cancellationToken)
    {
        var (unreadOnly, after, limit, channel) = (input.Flag("unread"), input.Cursor(), input.Limit(), Channel(input));
        if (input.Refusal(id, out var user) is { } refusal)
        {
            return refusal;
        }

        var unread = await store.CountUnreadAsync(user, cancellationToken);
        var (page, hasMore) = await store.ListAsync(user, channel, unreadOnly, after, limit, cancellationToken);
        var next = hasMore ? new PageCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null;
        return TypedResults.Ok(new NotificationPage([.. page.Select(NotificationView.Of)], unread, next));
    }

    private static async Task<IResult> MarkReadAsync(
        string id, string notificationId, QueryInput input, NotificationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var notification = input.Id("notificationId", notificationId);
        if (input.Refusal(id, out var user) is { } refusal)
        {
            return refusal;
        }

        await store.MarkReadAsync(user, notification, time.GetUtcNow(), cancellationToken);

        // The same answer whether it is missing or somebody else's.
        return await store.FindAsync(user, notification, cancellationToken) is { } found
            ? TypedResults.Ok(NotificationView.Of(found))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such notification.");
    }

    private static async Task<IResult> MarkAllReadAsync(
        string id, QueryInput input, NotificationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        return input.Refusal(id, out var user) ?? TypedResults.Ok(new MarkedNotifications(await store.MarkAllReadAsync(user, time.GetUtcNow(), cancellationToken)));
    }

    // Null for all channels.
    private static NotificationType? Channel(QueryInput input) => input.Choice<NotificationType?>(
        "channel", NotificationType.InApp, ("in_app", NotificationType.InApp), ("email", NotificationType.Email), ("sms", NotificationType.Sms), ("push", NotificationType.Push), ("all", null));
}

/// <summary>How many notifications were marked as read.</summary>
/// <param name="Marked">Those that had not been read before.</param>
internal sealed record MarkedNotifications(int Marked);
