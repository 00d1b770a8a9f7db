using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>How many jobs were removed.</summary>
/// <param name="Removed">The number.</param>
internal sealed record RemovedJobs(long Removed) : ICounted
{
    long ICounted.Count => Removed;
}

/// <summary>A queue's pause.</summary>
/// <param name="Name">The queue.</param>
/// <param name="Paused">Whether it is paused now.</param>
internal sealed record QueuePause(string Name, bool Paused);

/// <summary>Pause, resume, clean.</summary>
internal static class ControlEndpoints
{
    private const long DefaultGrace = 86_400_000;
    private const long LongestGrace = 3650 * DefaultGrace;

    // Failed jobs are kept longer: somebody may still want to look at them.
    private const int FailedGraceFactor = 7;

    public static void MapControl(this IEndpointRouteBuilder queues)
    {
        queues.MapPost("/{queue}/pause", async (string queue, IJobControl store, CancellationToken cancellationToken) =>
            {
                await store.PauseAsync(queue, cancellationToken);
                return TypedResults.Ok(new QueuePause(queue, true));
            })
            .RequireQueue().ProducesProblem(StatusCodes.Status404NotFound).WithName("PauseQueue").WithSummary("Pauses a queue: runs go on, no other begins");
        queues.MapPost("/{queue}/resume", async (string queue, IJobControl store, CancellationToken cancellationToken) =>
            {
                await store.ResumeAsync(queue, cancellationToken);
                return TypedResults.Ok(new QueuePause(queue, false));
            })
            .RequireQueue().ProducesProblem(StatusCodes.Status404NotFound).WithName("ResumeQueue").WithSummary("Resumes a paused queue");
        queues.MapPost("/{queue}/clean", async (string queue, QueryInput input, IJobControl store, CancellationToken cancellationToken) =>
            {
                var completed = TimeSpan.FromMilliseconds(input.Number("grace", DefaultGrace, 0, LongestGrace, "milliseconds"));
                if (input.HasErrors)
                {
                    return Problems.Invalid(input.Errors);
                }

                return TypedResults.Ok(new RemovedJobs(await store.CleanAsync(queue, completed, completed * FailedGraceFactor, cancellationToken)));
            })
            .RequireQueue()
            .ReadsQuery("grace")
            .Produces<RemovedJobs>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("CleanQueue")
            .WithSummary("Removes old ended jobs")
            .WithDescription("Completed ones older than grace ms (default one day), failed ones older than seven times that.");
    }
}
