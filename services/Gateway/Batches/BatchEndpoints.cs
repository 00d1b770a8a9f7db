using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>What can be done with a batch besides what can be done with every job: pausing and resuming it.</summary>
internal static partial class BatchEndpoints
{
    public static void MapBatches(this IEndpointRouteBuilder queues)
    {
        Control(queues, "pause", "PauseBatch", "Pauses a batch that is being sent", "It stops after the chunk that is being sent; its job is delayed until the batch is resumed or cancelled.");
        Control(queues, "resume", "ResumeBatch", "Resumes a paused batch", "It goes on with the next chunk.");
    }

    private static void Control(IEndpointRouteBuilder queues, string action, string name, string summary, string description) =>
        queues.MapPost($"/{JobQueues.BatchMessageSending}/jobs/{{id}}/{action}", async (string id, HttpContext context, BatchServiceClient batches, IJobReader store, ILogger<BatchServiceClient> logger, CancellationToken cancellationToken) =>
            {
                try
                {
                    if (await batches.ControlAsync(action, id, cancellationToken) is { } problem)
                    {
                        return TypedResults.Problem(problem.Detail, statusCode: problem.Status, title: problem.Title);
                    }

                    StoreEffects.Done(context);
                    return await store.GetAsync(JobQueues.BatchMessageSending, id, cancellationToken) is { } record
                            ? TypedResults.Ok(WithoutContent.Of(record))
                            : (IResult)Problems.UnknownJob(JobQueues.BatchMessageSending, id);
                }
                catch (BatchServiceAwayException exception)
                {
                    LogAway(logger, exception, id);
                    return Problems.BatchServiceAway(action + "d", id);
                }
            })
            .Produces<JobRecord>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithName(name)
            .WithSummary(summary)
            .WithDescription(description);

    [LoggerMessage(LogLevel.Warning, "Batch {JobId} could not be paused or resumed")]
    private static partial void LogAway(ILogger logger, Exception exception, string jobId);
}
