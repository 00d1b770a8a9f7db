using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>The last minutes of the queues, for charts.</summary>
internal static class HistoryEndpoints
{
    private static readonly int LongestBack = (int)JobStoreRules.KeepMinutesFor.TotalMinutes;

    public static void MapHistory(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/history", async (QueryInput input, IJobReader store, TimeProvider time, CancellationToken cancellationToken) =>
                TryRead(input, out var count)
                    ? TypedResults.Ok(new HistoryReport(
                        (await store.GetHistoryAsync([.. JobQueues.All.Select(queue => queue.Name)], count, cancellationToken)).ToDictionary(queue => queue.Name), time.GetUtcNow()))
                    : Problems.Invalid(input.Errors))
            .ReadsQuery("minutes")
            .Produces<HistoryReport>()
            .ProducesValidationProblem()
            .WithEntityTag<HistoryReport>(report => report with { Timestamp = default })
            .WithName("GetHistory")
            .WithSummary("The last minutes of all queues")
            .WithDescription("minutes: 1–1440, default 60.");
        queues.MapGet("/{queue}/history", async (string queue, QueryInput input, IJobReader store, CancellationToken cancellationToken) =>
                TryRead(input, out var count) ? TypedResults.Ok((await store.GetHistoryAsync([queue], count, cancellationToken))[0]) : Problems.Invalid(input.Errors))
            .RequireQueue()
            .ReadsQuery("minutes")
            .Produces<QueueHistory>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("GetQueueHistory")
            .WithSummary("The last minutes of one queue")
            .WithDescription("minutes: 1–1440, default 60.");
    }

    private static bool TryRead(QueryInput input, out int minutes)
    {
        minutes = input.Number("minutes", 60, 1, LongestBack);
        return !input.HasErrors;
    }
}
