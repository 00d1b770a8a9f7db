using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>How the queues fare; 503 when unhealthy, so that a load balancer or an alert needs to read no body.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/health", async (HealthJudge judge, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var all = await judge.JudgeAsync([.. JobQueues.All.Select(queue => queue.Name)], cancellationToken);
                var worst = all.Max(queue => queue.Status);
                return TypedResults.Json(
                    new HealthReport(worst, all.ToDictionary(queue => queue.Name), time.GetUtcNow()), JobsJsonContext.Default.HealthReport, statusCode: CodeOf(worst));
            })
            .Produces<HealthReport>()
            .Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable)
            .WithName("GetHealth")
            .WithSummary("How all queues fare");
        queues.MapGet("/health/history", async (string? component, QueryInput input, IHealthHistory history, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var most = input.Number("limit", IHealthHistory.Capacity, 1, IHealthHistory.Capacity);
                if (input.HasErrors)
                {
                    return Problems.Invalid(input.Errors);
                }

                var changes = await history.ListAsync(IHealthHistory.Capacity, cancellationToken);
                return TypedResults.Ok(new HealthHistoryReport(
                    [.. changes.Where(change => component is null || change.Component == component).Take(most)], time.GetUtcNow()));
            })
            .ReadsQuery("limit")
            .Produces<HealthHistoryReport>()
            .ProducesValidationProblem()
            .WithName("GetHealthHistory")
            .WithSummary("The last changes of health, newest first")
            .WithDescription("component: a queue's name, redis or sidecar; default all. limit: 1–200, default 200, which is as many as are kept.");
        queues.MapGet("/{queue}/health", async (string queue, HealthJudge judge, CancellationToken cancellationToken) =>
            {
                var health = (await judge.JudgeAsync([queue], cancellationToken))[0];
                return TypedResults.Json(health, JobsJsonContext.Default.QueueHealth, statusCode: CodeOf(health.Status));
            })
            .RequireQueue()
            .Produces<QueueHealth>()
            .Produces<QueueHealth>(StatusCodes.Status503ServiceUnavailable)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetQueueHealth")
            .WithSummary("How one queue fares");
    }

    private static int CodeOf(QueueHealthStatus status) => status == QueueHealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
}

/// <summary>The last changes of health.</summary>
/// <param name="Changes">Newest first.</param>
/// <param name="Timestamp">When they were read.</param>
internal sealed record HealthHistoryReport(IReadOnlyList<HealthChange> Changes, DateTimeOffset Timestamp);
