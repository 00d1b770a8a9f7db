using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.BatchMessageSending;

/// <summary>Following batches: <c>GET /batches/{batchId}</c>, <c>GET /batches/find?jobId=</c> and the recipients in each state.</summary>
internal static class BatchesApi
{
    private const int DefaultLimit = 100;
    private const int MostOnPage = 1000;
    private const string RecordGone = "The job failed or was removed before its end; its record, which told more, has been removed since.";

    public static void MapBatches(this IEndpointRouteBuilder app)
    {
        var batches = app.MapGroup("/batches").WithTags("Batches").ForRole(AccessRoles.Viewer).AnswerWhenAway("Nothing can be told of batches without it; try again.");
        DescribeBatch(batches.MapGet("/{batchId:guid}", GetAsync))
            .WithName("GetBatch")
            .WithSummary("A batch, followed on to delivery");
        DescribeBatch(batches.MapGet("/find", FindAsync))
            .WithName("FindBatch")
            .WithSummary("The batch of a job, as it is by its own id")
            .WithDescription("jobId: the job of batch-message-sending that was added for it. A batch's id is its job's only where the sender made it so.");
        batches.MapGet("/{batchId:guid}/recipients", ListAsync)
            .WithQueryParameter("state", JsonSchemaType.String, "all, sent, notSent, onTheWay, delivered or failed. Default: all.")
            .WithQueryParameter("limit", JsonSchemaType.Integer, "Recipients on the page: 1–1000. Default: 100.")
            .WithQueryParameter("cursor", JsonSchemaType.String, "nextCursor of the page before.")
            .Produces<RecipientPage>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithName("ListBatchRecipients")
            .WithSummary("A batch's recipients by what became of their messages");
    }

    private static RouteHandlerBuilder DescribeBatch(RouteHandlerBuilder endpoint) => endpoint
        .WithQueryParameter("limit", JsonSchemaType.Integer, "Failed recipients on the page: 0–1000. Default: 100.")
        .WithQueryParameter("cursor", JsonSchemaType.String, "nextCursor of the page before.")
        .Produces<BatchView>()
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(
        Guid batchId, QueryInput input, BatchStore store, BatchFollower follower, BatchWorkflows workflows, IJobReader jobs, CancellationToken cancellationToken)
    {
        var query = Page.Read(input, least: 0);
        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (await store.FindAsync(batchId, cancellationToken) is not { } batch)
        {
            return Unknown(batchId);
        }

        var workflow = await StatusOfAsync(batchId, workflows, cancellationToken);
        if (batch.Status == BatchStatus.Sending && workflow != "running")
        {
            // A batch ends before its workflow goes: one that was still being sent when it was read may have ended since.
            batch = await store.FindAsync(batchId, cancellationToken) ?? batch;
        }

        var (counts, failed) = await follower.LookAsync(batch, JobState.Failed, query.From, query.Limit + 1, cancellationToken);
        return TypedResults.Ok(new BatchView(
            batchId,
            batch.JobId,
            Word(batch.Status.ToString()),
            new BatchWorkflowView(batchId.ToString(), workflow),
            batch.RecipientCount,
            batch.RecipientCount - counts.NotSent,
            counts.Delivered,
            counts.Failed,
            counts.OnTheWay,
            await ViewsAsync(batch, failed.Take(query.Limit), jobs, cancellationToken),
            query.NextCursor(failed),
            batch.StartedAt,
            batch.EndedAt,
            batch.Reason));
    }

    // What became of the messages is known without the engine.
    private static async Task<string> StatusOfAsync(Guid batchId, BatchWorkflows workflows, CancellationToken cancellationToken)
    {
        try
        {
            return await workflows.FindAsync(batchId, BatchWorkflows.PatienceOfRequests, cancellationToken) is { } workflow ? Word(workflow.RuntimeStatus.ToString()) : "forgotten";
        }
        catch (SidecarAwayException)
        {
            return "unknown";
        }
    }

    private static async Task<IResult> FindAsync(
        string? jobId, QueryInput input, BatchStore store, BatchFollower follower, BatchWorkflows workflows, IJobReader jobs, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(jobId))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["jobId"] = ["is required: the id of the batch's job. A batch by its own id is at /batches/{batchId}."] });
        }

        return await jobs.GetAsync(JobQueues.BatchMessageSending, jobId, cancellationToken) is { } job
            ? await GetAsync(BatchIds.Of(job), input, store, follower, workflows, jobs, cancellationToken)
            : TypedResults.Problem(
                $"Queue '{JobQueues.BatchMessageSending}' has no job of that id on record.", statusCode: StatusCodes.Status404NotFound, title: "Unknown job");
    }

    private static async Task<IResult> ListAsync(
        Guid batchId, QueryInput input, BatchStore store, BatchFollower follower, IJobReader jobs, CancellationToken cancellationToken)
    {
        var query = Page.Read(input, least: 1);
        var wanted = input.Choice<Func<JobState?, bool>>(
            "state", _ => true,
            ("all", _ => true), ("sent", state => state is not null), Of("notSent"), Of("onTheWay"), Of("delivered"), Of("failed"));
        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (await store.FindAsync(batchId, cancellationToken) is not { } batch)
        {
            return Unknown(batchId);
        }

        var (_, found) = await follower.LookAsync(batch, wanted, query.From, query.Limit + 1, cancellationToken);
        return TypedResults.Ok(new RecipientPage(await ViewsAsync(batch, found.Take(query.Limit), jobs, cancellationToken), query.NextCursor(found)));

        static (string, Func<JobState?, bool>) Of(string word) => (word, state => StateWord(state) == word);
    }

    private static async Task<IReadOnlyList<RecipientView>> ViewsAsync(
        Batch batch, IEnumerable<RecipientState> recipients, IJobReader jobs, CancellationToken cancellationToken)
    {
        RecipientState[] page = [.. recipients];
        var views = new RecipientView[page.Length];

        // A failed recipient's reason is in its job's record; many are asked for at once, so that a page is not as many round trips in a row.
        await Parallel.ForAsync(0, page.Length, BatchStore.Concurrently(cancellationToken), async (place, cancellation) =>
        {
            var recipient = page[place];
            var jobId = BatchIds.MessageJob(batch.BatchId, recipient.RecipientId);
            var error = recipient.State == JobState.Failed
                ? (await jobs.GetAsync(JobQueues.MessageDelivery, jobId, cancellation))?.Error?.Message ?? RecordGone
                : null;
            views[place] = new RecipientView(recipient.RecipientId, jobId, StateWord(recipient.State), error);
        });

        return views;
    }

    private static ProblemHttpResult Unknown(Guid batchId) => TypedResults.Problem(
        $"There is no batch {batchId}: it has not begun, was refused, or ended too long ago. Its job's record tells more.",
        statusCode: StatusCodes.Status404NotFound,
        title: "Unknown batch");

    private static string StateWord(JobState? state) => state switch
    {
        null => "notSent",
        JobState.Completed => "delivered",
        JobState.Failed => "failed",
        _ => "onTheWay",
    };

#pragma warning disable CA1308 // the wire's form
    private static string Word(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>What a page is asked for: its cursor is a place in the batch.</summary>
    private sealed record Page(int From, int Limit)
    {
        public static Page Read(QueryInput input, int least)
        {
            var from = 0;
            if (input.Text("cursor") is { } cursor && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            {
                input.Refuse("cursor", "is not one that this service gave out: use nextCursor of the page before.");
            }

            return new Page(from, input.Number("limit", DefaultLimit, least, MostOnPage));
        }

        public string? NextCursor(IReadOnlyList<RecipientState> found) =>
            found.Count > Limit && Limit > 0 ? found[Limit].Place.ToString(CultureInfo.InvariantCulture) : null;
    }
}
