using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>
/// What other services ask for, by Dapr's service invocation: <c>POST /internal/messages/read</c> and <c>/internal/messages/delete</c> follow what became of
/// messages; <c>/internal/suppressions</c> and <c>GET /internal/providers</c> are the gateway's, which knows who may see and change them.
/// </summary>
internal static class InternalApi
{
    private const int MaxMessages = 10_000;

    public static void MapInternalApi(this WebApplication app)
    {
        var internals = app.MapInternal();
        internals.MapPost("/messages/read", ReadAsync);
        internals.MapPost("/messages/delete", DeleteAsync);
        internals.MapPost("/people/{userId:guid}/count", async (Guid userId, PersonStore person, CancellationToken token) => TypedResults.Ok(await person.CountAsync(userId, token)));
        internals.MapPost("/people/{userId:guid}/erase", async (Guid userId, PersonStore person, CancellationToken token) => TypedResults.Ok(await person.EraseAsync(userId, token)));
        internals.MapPost("/people/{userId:guid}/export", ExportAsync);
        internals.MapGet("/suppressions", ListAsync).ReadsSuppressionQuery();
        internals.MapPost("/suppressions", AddAsync);
        internals.MapPost("/suppressions/find", FindAsync);
        internals.MapDelete("/suppressions/{id:guid}", RemoveAsync);
        internals.MapGet("/providers", Providers);
    }

    private static RouteHandlerBuilder ReadsSuppressionQuery(this RouteHandlerBuilder route) => ServiceDefaults.RequestRules.ReadsQuery(route, "channel", "cursor", "limit");

    private static async Task<IResult> ReadAsync(ReadMessages body, NotificationStore store, TimeProvider time, CancellationToken cancellationToken) =>
        Problem(body.MessageIds) is { } problem ? problem
            : TypedResults.Ok(new MarkedNotifications(await store.MarkMessagesReadAsync(body.UserId, body.MessageIds!, time.GetUtcNow(), cancellationToken)));

    private static async Task<IResult> DeleteAsync(DeletedMessages body, RemovedMessages removed, CancellationToken cancellationToken) =>
        Problem(body.MessageIds) is { } problem ? problem : TypedResults.Ok(new DeletedNotifications(await removed.RemoveAsync(body.UserId, body.MessageIds!, cancellationToken)));

    private static async Task<IResult> ExportAsync(Guid userId, PersonPageRequest body, PersonStore person, CancellationToken cancellationToken) =>
        await person.ExportAsync(userId, body.Cursor, cancellationToken) is { } page ? TypedResults.Ok(page)
            : TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["cursor"] = ["is not a cursor: give back the nextCursor of the page before, or leave it out for the first page."] });

    private static ValidationProblem? Problem(Guid[]? messages) => messages is { Length: <= MaxMessages } ? null
        : TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["messageIds"] = [$"are required: at most {MaxMessages} uuids."] });

    private static async Task<IResult> ListAsync(QueryInput input, SuppressionStore store, CancellationToken cancellationToken)
    {
        NotificationType? type = input.Text("channel") is { } channel ? ChannelOf(channel, input.Errors) : null;
        var (after, count) = (input.Cursor(), input.Limit());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var (page, hasMore) = await store.ListAsync(type, after, count, cancellationToken);
        return TypedResults.Ok(new SuppressionPage([.. page.Select(SuppressionView.Of)], hasMore ? new PageCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null));
    }

    private static async Task<IResult> AddAsync(SuppressionInput body, SuppressionStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Read(body, out var type) is { } problem)
        {
            return problem;
        }

        var now = time.GetUtcNow().ToStored();
        var (added, isNew) = await store.AddAsync(
            new Suppression
            {
                Id = Guid.CreateVersion7(now),
                Channel = type,
                Address = Addresses.Comparable(type, body.Address!),
                Reason = SuppressionReason.Manual,
                CreatedAt = now,
            },
            cancellationToken);
        return isNew ? TypedResults.Json(SuppressionView.Of(added), statusCode: StatusCodes.Status201Created) : TypedResults.Ok(SuppressionView.Of(added));
    }

    private static async Task<IResult> FindAsync(SuppressionInput body, SuppressionStore store, CancellationToken cancellationToken) =>
        Read(body, out var type) is { } problem ? problem
        : await store.FindAsync(type, body.Address!, cancellationToken) is { } found ? TypedResults.Ok(SuppressionView.Of(found))
        : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such entry on the list.");

    private static async Task<IResult> RemoveAsync(Guid id, SuppressionStore store, CancellationToken cancellationToken) =>
        await store.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such entry on the list.");

    private static Ok<ProviderList> Providers(
        IEnumerable<ProviderGuard> guards, IOptions<EmailOptions> email, IOptions<SmsOptions> sms, IOptions<PushOptions> push, IHostEnvironment environment) => TypedResults.Ok(new ProviderList(
            [.. guards.Select(guard => guard.Status)],
            environment.IsDevelopment() ? [] : [.. new[] { email.Value.Forgotten(EmailOptions.SectionName), sms.Value.Forgotten(SmsOptions.SectionName), push.Value.Forgotten(PushOptions.SectionName) }.OfType<string>()]));

    private static ValidationProblem? Read(SuppressionInput body, out NotificationType type)
    {
        var errors = new Dictionary<string, string[]>();
        type = ChannelOf(body.Channel ?? string.Empty, errors);
        if (body.Address is not { Length: > 0 and <= 320 } address || (type == NotificationType.Email ? address.IndexOf('@', StringComparison.Ordinal) < 1 : !address.StartsWith('+')))
        {
            errors["address"] = ["is required: an e-mail address, or a phone number in E.164."];
        }

        return errors.Count > 0 ? TypedResults.ValidationProblem(errors) : null;
    }

    private static NotificationType ChannelOf(string channel, Dictionary<string, string[]> errors)
    {
        if (channel is not ("email" or "sms"))
        {
            errors["channel"] = ["must be email or sms."];
        }

        return channel == "sms" ? NotificationType.Sms : NotificationType.Email;
    }
}

/// <summary>Messages that were read.</summary>
/// <param name="UserId">By whom; left out, by whoever their notifications are of.</param>
/// <param name="MessageIds">The messages.</param>
internal sealed record ReadMessages(Guid? UserId, Guid[]? MessageIds);

/// <summary>Messages that are no more.</summary>
/// <param name="UserId">To whom; left out, to nobody.</param>
/// <param name="MessageIds">The messages.</param>
internal sealed record DeletedMessages(Guid? UserId, Guid[]? MessageIds);

/// <summary>What went with the messages.</summary>
/// <param name="Deleted">How many notifications.</param>
internal sealed record DeletedNotifications(int Deleted);

/// <summary>An address for the suppression list.</summary>
/// <param name="Channel">email or sms.</param>
/// <param name="Address">The address.</param>
internal sealed record SuppressionInput(string? Channel, string? Address);

/// <summary>A page of the suppression list, newest first.</summary>
/// <param name="Suppressions">The entries.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
internal sealed record SuppressionPage(IReadOnlyList<SuppressionView> Suppressions, string? NextCursor);

/// <summary>An entry of the suppression list. The address is shown in part: enough to tell it from others.</summary>
internal sealed record SuppressionView(Guid Id, NotificationType Channel, string Address, SuppressionReason Reason, string? Detail, Guid? NotificationId, DateTimeOffset CreatedAt)
{
    public static SuppressionView Of(Suppression one) =>
        new(one.Id, one.Channel, Addresses.Masked(one.Channel, one.Address), one.Reason, one.Detail, one.NotificationId, one.CreatedAt);
}

/// <summary>How the providers are, as this instance sees them.</summary>
/// <param name="Providers">The providers.</param>
/// <param name="Warnings">Settings that were forgotten, and what follows from that.</param>
internal sealed record ProviderList(IReadOnlyList<ProviderStatus> Providers, IReadOnlyList<string> Warnings);

/// <summary>Asks for a page of a person's data.</summary>
internal sealed record PersonPageRequest(string? Cursor = null);
