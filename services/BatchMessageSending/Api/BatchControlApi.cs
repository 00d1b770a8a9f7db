using Dapr.Workflow;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.BatchMessageSending;

/// <summary>Pausing and resuming running batches, for the gateway: <c>POST /internal/batches/pause|resume?jobId=</c>.</summary>
internal static class BatchControlApi
{
    public static void MapBatchControl(this IEndpointRouteBuilder app)
    {
        var batches = app.MapInternal().MapGroup("/batches").AnswerInvokerWhenAway("Whether the batch is paused is not known; asking again does no harm.");
        batches.MapPost("/pause", PauseAsync);
        batches.MapPost("/resume", ResumeAsync);
    }

    private static async Task<IResult> PauseAsync(string jobId, IJobReader jobs, BatchWorkflows workflows, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is not { } job)
        {
            return Unknown();
        }

        var batchId = BatchIds.Of(job);
        if (job.State is JobState.Completed or JobState.Failed || await workflows.FindAsync(batchId, BatchWorkflows.PatienceOfRequests, cancellationToken) is not { IsWorkflowCompleted: false } workflow)
        {
            return WrongState("paused while it is being sent", job.State, null);
        }

        if (workflow.RuntimeStatus == WorkflowRuntimeStatus.Suspended)
        {
            return WrongState("paused while it is being sent", job.State, workflow);
        }

        await workflows.SuspendAsync(batchId, BatchWorkflows.PatienceOfRequests, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ResumeAsync(string jobId, IJobReader jobs, IJobControl control, BatchWorkflows workflows, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is not { } job)
        {
            return Unknown();
        }

        var batchId = BatchIds.Of(job);
        var workflow = await workflows.FindAsync(batchId, BatchWorkflows.PatienceOfRequests, cancellationToken);
        if (workflow is not { RuntimeStatus: WorkflowRuntimeStatus.Suspended })
        {
            return WrongState("resumed while it is paused", job.State, workflow);
        }

        await workflows.ResumeAsync(batchId, BatchWorkflows.PatienceOfRequests, cancellationToken);

        // The job of a paused batch is delayed: it need not wait for its time to watch again.
        await control.PromoteAsync(JobQueues.BatchMessageSending, jobId, cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Unknown() =>
        TypedResults.Problem("There is no such job on record.", statusCode: StatusCodes.Status404NotFound, title: "Unknown job");

#pragma warning disable CA1308 // the wire's form
    private static ProblemHttpResult WrongState(string allowed, JobState job, WorkflowState? workflow) => TypedResults.Problem(
        $"A batch can only be {allowed}; the job is {job.ToString().ToLowerInvariant()}, its workflow {workflow?.RuntimeStatus.ToString().ToLowerInvariant() ?? "not running"}.",
        statusCode: StatusCodes.Status409Conflict,
        title: "Wrong state");
#pragma warning restore CA1308
}
