using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, newest first.</param>
/// <param name="NextCursor">With it as <c>cursor</c>, the next page is listed: older jobs; null at the end.</param>
/// <param name="PreviousCursor">With it as <c>cursor</c>, the page before is listed: the newer jobs next to these; null at the beginning.</param>
internal sealed record JobList(IReadOnlyList<JobRecord> Jobs, string? NextCursor, string? PreviousCursor);

/// <summary>Looking at jobs, and what an operator can do with one.</summary>
internal static class JobEndpoints
{
    private const int MostOnPage = 1000;

    public static void MapJobs(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/{queue}/jobs", ListAsync)
            .RequireQueue()
            .ReadsQuery([.. JobSearch.Parameters, "state", "limit", "cursor", "data", "cause"])
            .Produces<JobList>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("ListJobs")
            .WithSummary("Lists jobs, newest first")
            .WithDescription("state: waiting, delayed, active, completed, failed or paused; limit: 1–1000, default 50; cursor: nextCursor or previousCursor of another page. type, priority, text (in the id or the error), from, to (when it ended or was added) filter; a filtered page may hold fewer jobs than there are, go on with nextCursor. What the jobs are about is not in it. cause, with state=failed: only those of this cause, see /queue/{queue}/failures.");
        queues.MapGet("/{queue}/jobs/{id}", GetAsync)
            .RequireQueue()
            .Produces<JobRecord>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("GetJob")
            .WithSummary("A job's record")
            .WithDescription("What the job is about is not in it: that is revealed, with a reason. data=false leaves the result out too. A publisher sees the jobs that it has added.");
        // A POST, although it changes nothing: who looks at a patient's data is on record, and no link can do it.
        queues.MapPost("/{queue}/jobs/{id}/reveal", async (string queue, string id, IJobReader reader, CancellationToken cancellationToken) =>
                await reader.GetAsync(queue, id, cancellationToken) is { } record ? TypedResults.Ok(record) : await Problems.UnknownJobAsync(reader, queue, id, cancellationToken))
            .RequireQueue()
            .Produces<JobRecord>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("RevealJob")
            .WithSummary("A job's record with data and result, for the eyes of somebody: who it was and why is written to the audit log")
            .WithDescription("reason: why somebody must see it; required, at most 200 characters.");
        Change(queues, "retry", "RetryJob", "Makes a failed job wait again, with all its attempts before it", "retried", "failed",
            async (control, queue, id, cancellationToken) => (await control.RetryAsync(queue, [id], cancellationToken))[0]);
        Change(queues, "promote", "PromoteJob", "Makes a delayed job due now", "promoted", "delayed", (control, queue, id, cancellationToken) => control.PromoteAsync(queue, id, cancellationToken));
        Change(queues, "cancel", "CancelJob", "Stops a job: it fails as cancelled", "cancelled", "waiting, delayed, paused or active",
            (control, queue, id, cancellationToken) => control.CancelAsync(queue, id, cancellationToken));
        queues.MapDelete("/{queue}/jobs/{id}", async (string queue, string id, IJobControl control, IJobReader reader, CancellationToken cancellationToken) =>
                await control.RemoveAsync(queue, id, cancellationToken) switch
                {
                    ChangeOutcome.Done => TypedResults.NoContent(),
                    ChangeOutcome.NotFound => await Problems.UnknownJobAsync(reader, queue, id, cancellationToken),
                    _ => (IResult)Problems.WrongState("removed", (await reader.GetAsync(queue, id, cancellationToken))?.State, "not active"),
                })
            .RequireQueue()
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("RemoveJob")
            .WithSummary("Removes a job's record")
            .WithDescription("Its id stays taken for the time of the queue's tombstones, so that a late event does not run it. reason: why, for the audit log; at most 200 characters.");
    }

    private static void Change(
        IEndpointRouteBuilder queues,
        string action,
        string name,
        string summary,
        string participle,
        string allowed,
        Func<IJobControl, string, string, CancellationToken, Task<ChangeOutcome>> change) =>
        queues.MapPost($"/{{queue}}/jobs/{{id}}/{action}", async (string queue, string id, HttpContext context, IJobControl control, IJobReader reader, CancellationToken cancellationToken) =>
            {
                var outcome = await change(control, queue, id, cancellationToken);
                if (outcome == ChangeOutcome.Done)
                {
                    StoreEffects.Done(context);
                }

                var record = outcome == ChangeOutcome.NotFound ? null : await reader.GetAsync(queue, id, cancellationToken);
                return outcome switch
                {
                    ChangeOutcome.Done when record is not null => TypedResults.Ok(WithoutContent.Of(record)),
                    ChangeOutcome.WrongState => Problems.WrongState(participle, record?.State, allowed),
                    _ => await Problems.UnknownJobAsync(reader, queue, id, cancellationToken),
                };
            })
            .RequireQueue()
            .Produces<JobRecord>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName(name)
            .WithSummary(summary);

    private static async Task<IResult> ListAsync(
        string queue, QueryInput input, IJobReader reader, CancellationToken cancellationToken)
    {
        var wanted = JobSearch.ReadState(input);
        var (count, cursor, data, cause) = (input.Number("limit", 50, 1, MostOnPage), input.Text("cursor"), input.Text("data"), input.Text("cause"));
        if (!WithoutContent.IsUnderstood(data))
        {
            input.Refuse("data", WithoutContent.Rule(data));
        }

        if (cause is not null && wanted != JobState.Failed)
        {
            input.Refuse("cause", "goes with state=failed only.");
        }

        var search = JobSearch.Read(input);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        try
        {
            var page = await search.RunAsync(reader, queue, new JobQuery(wanted, count, cursor, WithData: false, Cause: cause), cancellationToken);
            return TypedResults.Ok(new JobList([.. page.Jobs.Select(WithoutContent.OfListed)], page.NextCursor, page.PreviousCursor));
        }
        catch (InvalidCursorException exception)
        {
            return Problems.Invalid("cursor", exception.Message);
        }
    }

    private static async Task<IResult> GetAsync(string queue, string id, string? data, HttpContext context, IJobReader reader, CancellationToken cancellationToken) =>
        !WithoutContent.IsUnderstood(data) ? WithoutContent.Refuse(data)
        : await OwnJobs.FindAsync(context, reader, queue, id) is { } record ? TypedResults.Ok(data is null ? WithoutContent.Of(record) : WithoutContent.OfListed(record))
        : AccessSetup.IsPublisher(context) ? Problems.UnknownJob(queue, id)
        : await Problems.UnknownJobAsync(reader, queue, id, cancellationToken);
}

/// <summary>The words of an enum in a query: one of them, in any case, and neither its number nor several at once.</summary>
internal static class Words
{
    public static bool TryRead<TEnum>(string text, out TEnum value)
        where TEnum : struct, Enum
    {
        value = default;
        return text.All(char.IsAsciiLetter) && Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
    }
}
