using Microsoft.AspNetCore.Http.HttpResults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// One person's data, for the clean-up service: <c>POST /internal/people/{id}/count</c> says how much there is, <c>…/messages</c>, <c>…/attachments</c> and
/// <c>…/memberships</c> remove a page each and go on from the <c>nextCursor</c> of the call before. A person under a legal hold: 409, and nothing goes.
/// <c>…/export</c> is a page of the person's data, for the gateway.
/// </summary>
internal static class PeopleApi
{
    private const int DefaultSize = 500;
    private const int MaxSize = 10_000;

    public static void MapPeople(this IEndpointRouteBuilder internals)
    {
        var people = internals.MapGroup("/people/{userId:guid}");
        people.MapPost("/count", async (Guid userId, PersonErasure erasure, CancellationToken token) => TypedResults.Ok(await erasure.CountAsync(userId, token)));
        people.MapPost("/messages", (Guid userId, ErasePageRequest request, PersonErasure erasure, CancellationToken token) =>
            EraseAsync(userId, request.BatchSize, request.DryRun ?? false, erasure, size => erasure.MessagesAsync(userId, request.Cursor ?? 0, size, request.DryRun ?? false, token), token));
        people.MapPost("/attachments", (Guid userId, EraseRowsRequest request, PersonErasure erasure, CancellationToken token) =>
            EraseAsync(userId, request.BatchSize, dryRun: false, erasure, size => erasure.AttachmentsAsync(userId, request.Cursor ?? Guid.Empty, size, token), token));
        people.MapPost("/memberships", (Guid userId, EraseRowsRequest request, PersonErasure erasure, CancellationToken token) =>
            EraseAsync(userId, request.BatchSize, dryRun: false, erasure, size => erasure.MembershipsAsync(userId, request.Cursor ?? Guid.Empty, size, token), token));
        people.MapPost("/export", ExportAsync);
    }

    public static void AddPeople(this IServiceCollection services)
    {
        services.AddScoped<PersonErasure>();
        services.AddScoped<PersonExport>();
        services.AddSingleton<NotificationsOfPerson>();
    }

    // A service behind this one that is away is no fault of this one.
    private static async Task<IResult> ExportAsync(Guid userId, ExportPageRequest request, PersonExport export, CancellationToken cancellationToken)
    {
        try
        {
            return await export.PageAsync(userId, request.Cursor, cancellationToken) is { } page
                ? TypedResults.Ok(page)
                : TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["cursor"] = ["is no cursor of an export."] });
        }
        catch (HttpRequestException)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status424FailedDependency, title: "A part of the data cannot be read now.");
        }
    }

    private static async Task<Results<Ok<TPage>, Conflict, ValidationProblem>> EraseAsync<TPage>(
        Guid user, int? size, bool dryRun, PersonErasure erasure, Func<int, Task<TPage>> erase, CancellationToken cancellationToken)
        where TPage : class
    {
        if (BatchSizes.Refusal(size, MaxSize) is { } refusal)
        {
            return refusal;
        }

        return !dryRun && await erasure.IsHeldAsync(user, cancellationToken)
            ? TypedResults.Conflict()
            : TypedResults.Ok(await erase(size ?? DefaultSize));
    }
}

/// <summary>Asks for a page of messages to be erased.</summary>
/// <param name="BatchSize">How many at most, 1–10,000. Default: 500.</param>
/// <param name="Cursor">Where to go on; left out, at the beginning.</param>
/// <param name="DryRun">Removes nothing, only says which would go. Default: false.</param>
internal sealed record ErasePageRequest(int? BatchSize, long? Cursor, bool? DryRun);

/// <summary>Asks for a page of anything else to be erased.</summary>
/// <param name="BatchSize">How many at most, 1–10,000. Default: 500.</param>
/// <param name="Cursor">Where to go on; left out, at the beginning.</param>
internal sealed record EraseRowsRequest(int? BatchSize, Guid? Cursor);

/// <summary>Asks for a page of a person's data.</summary>
/// <param name="Cursor">The answer's <c>nextCursor</c> of the page before; left out for the first.</param>
internal sealed record ExportPageRequest(string? Cursor = null);
