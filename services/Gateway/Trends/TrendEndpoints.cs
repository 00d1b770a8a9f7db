using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>What a queue was like over an hour to a week, for charts.</summary>
internal static class TrendEndpoints
{
    public static void MapTrends(this IEndpointRouteBuilder queues) =>
        queues.MapGet("/{queue}/trend", async (string queue, string? span, TrendReader trends, CancellationToken cancellationToken) =>
                TrendReader.Knows(span ?? TrendReader.Default)
                    ? TypedResults.Ok(await trends.ReadAsync(queue, span ?? TrendReader.Default, cancellationToken))
                    : Problems.Invalid("span", TrendReader.Rule))
            .RequireQueue()
            .Produces<QueueTrend>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetQueueTrend")
            .WithSummary("How deep one queue was, how long its jobs waited and took, and what ended, over an hour to a week")
            .WithDescription("span: 1h (steps of a minute, the default), 6h (5 minutes), 24h (10 minutes) or 7d (an hour). Depth and waiting time are the most that gateways saw in a step, who look every 5 seconds; they are absent where none looked.");
}
