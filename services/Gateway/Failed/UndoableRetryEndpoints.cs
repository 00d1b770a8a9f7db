using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>A retry that can be undone for a while.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">held while it can be undone, then running and done; or undone.</param>
/// <param name="Count">How many failed jobs it was for when it was asked for.</param>
/// <param name="DueAt">Until when it can be undone.</param>
internal sealed record UndoableRetryView(string Id, string Queue, UndoableRetryState State, int Count, DateTimeOffset DueAt) : ICounted
{
    long ICounted.Count => Count;

    internal static UndoableRetryView Of(UndoableRetry retry) => new(retry.Id, retry.Queue, retry.State, retry.Count, retry.DueAt);
}

/// <summary>Retries that can be undone for a while: what became of one, and undoing it.</summary>
internal static class UndoableRetryEndpoints
{
    public static void MapUndoableRetries(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/{queue}/retries/{id}", async (string queue, string id, IVersionedStore<UndoableRetry> retries, CancellationToken cancellationToken) =>
                await retries.FindAsync(queue, id, cancellationToken) is { } retry ? TypedResults.Ok(UndoableRetryView.Of(retry)) : (IResult)Unknown(queue, id))
            .RequireQueue()
            .Produces<UndoableRetryView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetRetry")
            .WithSummary("A retry that could be undone for a while")
            .WithDescription("On record until an hour after it was done or undone.");
        queues.MapPost("/{queue}/retries/{id}/undo", async (string queue, string id, UndoableRetries retries, CancellationToken cancellationToken) =>
                await retries.UndoAsync(queue, id, cancellationToken) switch
                {
                    (ChangeOutcome.Done, { } retry) => TypedResults.Ok(UndoableRetryView.Of(retry)),
                    (ChangeOutcome.WrongState, { } retry) => TypedResults.Problem(
                        $"The time to undo it ended at {retry.DueAt:HH:mm:ss} UTC: its jobs wait again. Pause the queue, or cancel those that should not run.",
                        statusCode: StatusCodes.Status409Conflict,
                        title: "Too late"),
                    _ => (IResult)Unknown(queue, id),
                })
            .RequireQueue()
            .Produces<UndoableRetryView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("UndoRetry")
            .WithSummary("Undoes a retry while it can be undone: its jobs stay failed, as they were");
    }

    private static ProblemHttpResult Unknown(string queue, string id) => TypedResults.Problem(
        $"Queue '{queue}' has no retry '{Problems.Shown(id)}' on record; one goes an hour after it has ended.", statusCode: StatusCodes.Status404NotFound, title: "Unknown retry");
}
