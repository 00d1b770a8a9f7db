using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>The numbers of the queues.</summary>
internal static class MetricsEndpoints
{
    public static void MapMetrics(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/metrics", async (IJobReader store, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var metrics = await store.GetMetricsAsync([.. JobQueues.All.Select(queue => queue.Name)], cancellationToken);
                return TypedResults.Ok(new MetricsReport(
                    metrics.ToDictionary(queue => queue.Name),
                    new MetricsTotals(
                        metrics.Sum(queue => queue.Waiting),
                        metrics.Sum(queue => queue.Active),
                        metrics.Sum(queue => queue.Completed),
                        metrics.Sum(queue => queue.Failed),
                        metrics.Sum(queue => queue.Delayed),
                        metrics.Sum(queue => queue.Paused)),
                    time.GetUtcNow()));
            })
            .WithEntityTag<MetricsReport>(report => report with { Timestamp = default })
            .WithName("GetMetrics")
            .WithSummary("The metrics of all queues");
        queues.MapGet("/{queue}/metrics", async (string queue, IJobReader store, CancellationToken cancellationToken) =>
                TypedResults.Ok((await store.GetMetricsAsync([queue], cancellationToken))[0]))
            .RequireQueue()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("GetQueueMetrics")
            .WithSummary("The metrics of one queue");
    }
}
