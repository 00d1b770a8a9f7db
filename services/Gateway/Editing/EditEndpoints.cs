using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>What becomes of a failed job's data.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Changes">What differs, with what was there: the part of the content that one must see to change it.</param>
/// <param name="Errors">What is wrong with it then, by field; empty when it is valid.</param>
/// <param name="IsApplied">Whether the job waits again with it.</param>
internal sealed record JobEdit(string JobId, string Queue, IReadOnlyList<FieldChange> Changes, IReadOnlyDictionary<string, string[]> Errors, bool IsApplied);

/// <summary>Changing what failed jobs are about, and retrying them with it: one, or all of a cause.</summary>
internal static class EditEndpoints
{
    private const string DryRun = "dryRun";

    public static void MapEditing(this IEndpointRouteBuilder queues)
    {
        queues.MapPost("/{queue}/jobs/{id}/edit", EditJobAsync)
            .RequireQueue()
            .ReadsQuery(DryRun)
            .Produces<JobEdit>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("EditJob")
            .WithSummary("Retries a failed job with other data")
            .WithDescription("By the same rules as an add: data that is not valid is refused with errors, and the job stays failed. With dryRun=true nothing is changed: what would differ, and what would be wrong with it. What was there is content, so a reason is required and the look is written to the audit log, with the names of the fields.");
        queues.MapPost("/{queue}/failures/{id}/edit", EditFailureAsync)
            .RequireQueue()
            .ReadsQuery(DryRun)
            .Produces<FailureEdit>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("EditFailure")
            .WithSummary("Retries all failed jobs of a cause that are valid with fields set or removed")
            .WithDescription("With dryRun=true nothing is changed: how many would be valid then, and what is wrong with the others; without a body that says how the jobs are as they are. Those that are not valid stay failed. A reason is required, except for a dry run.");
    }

    private static async Task<IResult> EditJobAsync(
        string queue, string id, QueryInput input, DataEdit edit, HttpContext context, IJobReader store, IJobControl control, CancellationToken cancellationToken)
    {
        var isDry = input.Flag(DryRun);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        if (edit.Problems() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        if (await store.GetAsync(queue, id, cancellationToken) is not { } job)
        {
            return await Problems.UnknownJobAsync(store, queue, id, cancellationToken);
        }

        if (job.State != JobState.Failed)
        {
            return Problems.WrongState("edited", job.State, "failed");
        }

        var edited = EditedJob.Of(job, edit);
        if (!isDry && !edited.IsValid)
        {
            return Problems.Invalid(edited.Errors);
        }

        if (CleanupRights.Refusal(context, queue, [edited.Json()]) is { } refusal)
        {
            return refusal;
        }

        Audit.Asks(context, isDry ? $"dry run: {edit.Told}" : edit.Told);
        if (!isDry)
        {
            switch (await edited.RetryAsync(control, cancellationToken))
            {
                case ChangeOutcome.NotFound:
                    return await Problems.UnknownJobAsync(store, queue, id, cancellationToken);
                case ChangeOutcome.WrongState:
                    return Problems.WrongState("edited", (await store.GetAsync(queue, id, cancellationToken))?.State, "failed, and has not failed again since");
            }

            StoreEffects.Done(context);
        }

        var before = job.Data.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : System.Text.Json.Nodes.JsonNode.Parse(job.Data.GetRawText());
        return TypedResults.Ok(new JobEdit(id, queue, DataDifference.Between(before, edited.Data), edited.Errors, !isDry));
    }

    private static async Task<IResult> EditFailureAsync(
        string queue, string id, QueryInput input, DataEdit? edit, HttpContext context, FailureEdits edits, CancellationToken cancellationToken)
    {
        var isDry = input.Flag(DryRun);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        var change = edit ?? new DataEdit();
        var problems = change.Problems();
        if (change.Data is not null)
        {
            problems["data"] = ["is one job's: of a group, set and remove fields."];
        }
        else if (!isDry && change is { Set: null or { Count: 0 }, Remove: null or { Count: 0 } })
        {
            problems["set"] = ["or remove must name a field; to retry the jobs as they are, POST …/retry."];
        }

        if (!isDry && Audit.ReasonOf(context).Length == 0)
        {
            problems[Audit.ReasonParameter] = ["is required: why the jobs are changed."];
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (queue == JobQueues.MessageCleanup && !isDry && CleanupRights.Refusal(context, queue, ["{}"u8.ToArray()]) is { } refusal)
        {
            return refusal;
        }

        Audit.Asks(context, isDry ? $"dry run: {change.Told}" : change.Told);
        return await edits.RunAsync(queue, id, change, isDry, cancellationToken) is { } result
            ? TypedResults.Ok(result)
            : (IResult)FailureEndpoints.Unknown(queue, id);
    }
}
