using WhiteCross.Jobs.Contracts;

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
