using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Who works on the queues.</summary>
internal static class WorkersEndpoints
{
    public static void MapWorkers(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/workers", async (IWorkerRegistry workers, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var all = await Task.WhenAll(JobQueues.All.Select(queue => ReadAsync(workers, queue.Name, cancellationToken)));
                return TypedResults.Ok(new WorkersReport(all.ToDictionary(queue => queue.Name), time.GetUtcNow()));
            })
            .WithEntityTag<WorkersReport>(report => report with { Timestamp = default })
            .WithName("GetWorkers")
            .WithSummary("The processes that work on the queues, and how many of their slots are in use")
            .WithDescription("As each of them said last, at most 10 seconds ago; one that is silent for longer is taken for dead.");
        queues.MapGet("/{queue}/workers", async (string queue, IWorkerRegistry workers, CancellationToken cancellationToken) =>
                TypedResults.Ok(await ReadAsync(workers, queue, cancellationToken)))
            .RequireQueue()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("GetQueueWorkers")
            .WithSummary("The processes that work on one queue, and how many of their slots are in use");
    }

    private static async Task<QueueWorkers> ReadAsync(IWorkerRegistry workers, string queue, CancellationToken cancellationToken) =>
        new(queue, await workers.ListAsync(queue, cancellationToken));
}
