using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>A failed job, as operators look at it.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="QueueName">Its queue.</param>
/// <param name="Data">Its data.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Attempts">Attempts that were made.</param>
/// <param name="FailedAt">When it failed.</param>
/// <param name="CreatedAt">When it was added.</param>
internal sealed record FailedJob(string JobId, string QueueName, JsonElement Data, JobError? Error, int Attempts, DateTimeOffset? FailedAt, DateTimeOffset CreatedAt);

/// <summary>How many jobs were retried.</summary>
/// <param name="Retried">The number.</param>
internal sealed record RetriedJobs(int Retried) : ICounted
{
    long ICounted.Count => Retried;
}

/// <summary>Failed jobs: looking at them, and retrying them.</summary>
internal static class FailedEndpoints
{
    private const int LargestBody = 1 << 20;
    private const int LongestUndoSeconds = 300;
    private const int DefaultLimit = 50;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    public static void MapFailed(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/{queue}/failed", ListAsync)
            .RequireQueue()
            .ReadsQuery("limit", "cursor", "data")
            .Produces<IReadOnlyList<FailedJob>>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("ListFailedJobs")
            .WithSummary("Failed jobs, newest first")
            .WithDescription("limit: 1–1000, default 50. Where there are more, the header Link has the address of the next page (rel=\"next\"), and of the one before (rel=\"prev\"). data=false leaves data out.");
        queues.MapPost("/{queue}/failed/retry", RetryAsync)
            .RequireQueue()
            .ReadsBody()
            .ReadsQuery("undoSeconds")
            .Produces<RetriedJobs>()
            .Produces<UndoableRetryView>(StatusCodes.Status202Accepted)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("RetryFailedJobs")
            .WithSummary("Makes failed jobs wait again")
            .WithDescription("All of them, or those that the body names: {\"jobIds\": [\"…\"]}. Ids of jobs that have not failed are passed over. With undoSeconds (0–300, default 0) they stay failed for that long, in which it can be undone: 202 and where to look; 200 when none has failed.");
    }

    private static async Task<IResult> ListAsync(string queue, QueryInput input, HttpContext context, IJobReader store, CancellationToken cancellationToken)
    {
        var (count, cursor, data) = (input.Number("limit", DefaultLimit, 1, 1000), input.Text("cursor"), input.Text("data"));
        if (!WithoutContent.IsUnderstood(data))
        {
            input.Refuse("data", WithoutContent.Rule(data));
        }

        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        JobPage page;
        try
        {
            page = await store.ListAsync(queue, new JobQuery(JobState.Failed, count, cursor, WithData: false), cancellationToken);
        }
        catch (InvalidCursorException exception)
        {
            return Problems.Invalid("cursor", exception.Message);
        }

        // The body is a plain list, as Bull's was.
        string[] links = [.. LinkTo(page.NextCursor, "next"), .. LinkTo(page.PreviousCursor, "prev")];
        if (links.Length > 0)
        {
            context.Response.Headers.Link = string.Join(", ", links);
        }

        return TypedResults.Ok<IReadOnlyList<FailedJob>>(
            [.. page.Jobs.Select(job => new FailedJob(job.JobId, job.Queue, WithoutContent.Nothing, job.Error, job.AttemptsMade, job.FinishedAt, job.CreatedAt))]);

        IEnumerable<string> LinkTo(string? place, string relation)
        {
            if (place is not null)
            {
                var query = new QueryBuilder { { "limit", count.ToString(CultureInfo.InvariantCulture) }, { "cursor", place } };
                if (data is not null)
                {
                    query.Add("data", data);
                }

                yield return $"</queue/{queue}/failed{query}>; rel=\"{relation}\"";
            }
        }
    }

    private static async Task<IResult> RetryAsync(
        string queue, QueryInput input, HttpRequest request, IJobControl store, UndoableRetries retries, CancellationToken cancellationToken)
    {
        var seconds = input.Number("undoSeconds", 0, 0, LongestUndoSeconds);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        using var body = await LimitedBody.ReadAsync(request, LargestBody, cancellationToken);
        if (body.IsTooLarge)
        {
            return Problems.TooLarge("The list of ids may have at most 1 MiB.");
        }

        if (!TryReadIds(body.Memory, out var ids, out var error))
        {
            return Problems.Invalid(error.Field, error.Message);
        }

        if (seconds > 0)
        {
            return await retries.PlanAsync(queue, ids, TimeSpan.FromSeconds(seconds), cancellationToken) is { } retry
                ? TypedResults.Accepted($"/queue/{queue}/retries/{retry.Id}", UndoableRetryView.Of(retry))
                : TypedResults.Ok(new RetriedJobs(0));
        }

        var outcomes = await store.RetryAsync(queue, ids, cancellationToken);
        return TypedResults.Ok(new RetriedJobs(outcomes.Count(outcome => outcome == ChangeOutcome.Done)));
    }

    private static bool TryReadIds(ReadOnlyMemory<byte> json, out IReadOnlyList<string>? ids, out (string Field, string Message) error)
    {
        ids = null;
        error = default;
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                error = ("$", "must be an object {\"jobIds\": [\"…\"]}, or no body at all for all failed jobs.");
                return false;
            }

            // Whatever is not understood here would make it a retry of everything.
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!member.Name.Equals("jobIds", StringComparison.OrdinalIgnoreCase))
                {
                    error = (UnknownNames.FieldOf(member.Name), UnknownNames.Message(member.Name, ["jobIds"]));
                    return false;
                }

                if (member.Value.ValueKind != JsonValueKind.Array
                    || member.Value.EnumerateArray().Any(id => id.ValueKind != JsonValueKind.String || !JobIds.IsValid(id.GetString())))
                {
                    error = ("jobIds", $"must be an array of job ids, or left out for all failed jobs; each {JobIds.Rule}.");
                    return false;
                }

                if (ids is not null)
                {
                    error = ("jobIds", "is given twice.");
                    return false;
                }

                ids = [.. member.Value.EnumerateArray().Select(id => id.GetString()!).Distinct(StringComparer.Ordinal)];
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            error = ("$", "is not valid JSON.");
            return false;
        }
    }
}
