using Microsoft.OpenApi;
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
            .WithQueryParameter("limit", JsonSchemaType.Integer, $"At most so many, 1–{UserInput.MaxLimit}. Default: {UserInput.DefaultLimit}.")
            .WithQueryParameter("cursor", JsonSchemaType.String, "The nextCursor of the page before. Left out: the first page.")
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

    private static async Task<IResult> FindAsync(string id, HttpContext context, NotificationStore store, CancellationToken cancellationToken)
    {
        var input = new UserInput(context);
        var notification = input.Id("id", id);
        if (input.Refusal() is { } refusal)
        {
            return refusal;
        }

        // The same answer whether it is missing or somebody else's.
        return await store.FindAsync(notification, cancellationToken) is { } found && (input.Caller ?? found.UserId) == found.UserId
            ? TypedResults.Ok(NotificationView.Of(found))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such notification.");
    }

    private static async Task<IResult> ListAsync(string id, HttpContext context, NotificationStore store, CancellationToken cancellationToken)
    {
        var input = new UserInput(context, id);
        var (unreadOnly, after, limit, channel) = (input.Flag("unread"), input.Cursor(), input.Limit(), input.Channel());
        if (input.Refusal() is { } refusal)
        {
            return refusal;
        }

        var unread = await store.CountUnreadAsync(input.User, cancellationToken);
        var (page, hasMore) = await store.ListAsync(input.User, channel, unreadOnly, after, limit, cancellationToken);
        var next = hasMore ? new PageCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null;
        return TypedResults.Ok(new NotificationPage([.. page.Select(NotificationView.Of)], unread, next));
    }

    private static async Task<IResult> MarkReadAsync(
        string id, string notificationId, HttpContext context, NotificationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var input = new UserInput(context, id);
        var notification = input.Id("notificationId", notificationId);
        if (input.Refusal() is { } refusal)
        {
            return refusal;
        }

        await store.MarkReadAsync(input.User, notification, time.GetUtcNow(), cancellationToken);

        // The same answer whether it is missing or somebody else's.
        return await store.FindAsync(input.User, notification, cancellationToken) is { } found
            ? TypedResults.Ok(NotificationView.Of(found))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such notification.");
    }

    private static async Task<IResult> MarkAllReadAsync(
        string id, HttpContext context, NotificationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var input = new UserInput(context, id);
        return input.Refusal() ?? TypedResults.Ok(new MarkedNotifications(await store.MarkAllReadAsync(input.User, time.GetUtcNow(), cancellationToken)));
    }
}

/// <summary>How many notifications were marked as read.</summary>
/// <param name="Marked">Those that had not been read before.</param>
internal sealed record MarkedNotifications(int Marked);
