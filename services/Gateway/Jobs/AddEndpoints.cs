using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Adding jobs: one, or up to 1,000.</summary>
internal static class AddEndpoints
{
    private const int LargestBulk = 64 << 20;

    public static void MapAdding(this IEndpointRouteBuilder queues)
    {
        queues.MapPost("/{queue}/jobs", AddAsync)
            .RequireQueue()
            .WithMetadata(new ReadsIdempotencyKey())
            .Accepts<JobEnvelope>("application/json")
            .Produces<AcceptedJob>(StatusCodes.Status202Accepted)
            .Produces<JobRecord>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status410Gone)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithName("AddJob")
            .WithSummary("Adds a job")
            .WithDescription("Validates the envelope and its data and puts the job on record. 202 means that the job will end in completed or failed, whatever dies in between. The header Idempotency-Key is its jobId, where the body names none. The same jobId again returns the record that is there; where it has gone, what became of the job; 410 where it was removed before its end. 503 says whether nothing was added (outcome none) or that it is not known (unknown), and names the jobId with which the same request can be sent again.");
        queues.MapPost("/{queue}/jobs/bulk", AddBulkAsync)
            .RequireQueue()
            .WithMetadata(new ReadsIdempotencyKey())
            .ReadsBody()
            .Produces<BulkAnswer>(StatusCodes.Status202Accepted)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithName("AddJobs")
            .WithSummary("Adds up to 1000 jobs")
            .WithDescription("Each envelope is judged by itself: one that is not valid harms no other. accepted has known (same or other: whether the data is the same) and state where a job of that id is there already. 503 names the jobIds with which the same request can be sent again.");
    }

    private static async Task<IResult> AddAsync(
        string queue, HttpContext context, IJobPublisher publisher, IJobReader store, IOptionsMonitor<QueueOptions> options, CleanupLimits limits, BatchChecks batches, TimeProvider time)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Problems.NotJson();
        }

        using var body = await LimitedBody.ReadAsync(context.Request, JobLimits.EnvelopeBytes, context.RequestAborted);
        var reading = body.IsTooLarge ? null : JobEnvelopeReader.Default.Read(JobQueues.Get(queue), body.Memory);
        if (reading is null or { IsTooLarge: true })
        {
            return Problems.TooLarge(queue == JobQueues.BatchMessageSending
                ? "A job's data may have at most 1 MiB, some 26,000 recipients. Upload more of them: POST the job as multipart/form-data with the parts job and recipients (text/csv or application/x-ndjson)."
                : "A job's data may have at most 1 MiB. Put large content elsewhere and send a reference.");
        }

        if (!reading.IsValid)
        {
            return Problems.Invalid(reading.Errors);
        }

        if (limits.ErrorsOf(reading) is { Count: > 0 } beyond)
        {
            return Problems.Invalid(beyond);
        }

        using var patience = batches.BeginPatience();
        if (await batches.ErrorsOfAsync(reading, patience, context.RequestAborted) is { Count: > 0 } unsendable)
        {
            return Problems.Invalid(unsendable);
        }

        using var span = JobTelemetry.StartAdd(queue, reading.Type);
        if (CleanupRights.Refusal(context, queue, [reading.Data]) is { } refusal)
        {
            return refusal;
        }

        var key = IdempotencyKey.Read(context, reading.JobId, out var keyError);
        if (keyError is not null)
        {
            return Problems.Invalid(IdempotencyKey.Header, keyError);
        }

        var job = NewJobFactory.Create(reading, options.Get(queue), key ?? NewId(time), JobTelemetry.TraceParent(span)) with { AddedBy = Caller.NameOf(context) };
        job = job with { Note = Audit.NoteOf(context, job.JobId) };
        StoreEffects.WillAdd(context, [new BulkAccepted(0, job.JobId)]);
        var result = await publisher.AddAsync(queue, job, context.RequestAborted);
        StoreEffects.Done(context);
        if (result.Outcome == AddOutcome.Added)
        {
            return TypedResults.Accepted($"/queue/{queue}/jobs/{Uri.EscapeDataString(job.JobId)}", new AcceptedJob(job.JobId, queue, job.Type, result.State));
        }

        return await KnownAsync(context, queue, job, result, store);
    }

    /// <summary>What is answered when a job of that id is known already: its record, or what became of it.</summary>
    internal static async Task<IResult> KnownAsync(HttpContext context, string queue, NewJob job, AddResult result, IJobReader store) =>
        result.Remains == JobRemains.Removed ? Problems.Removed(queue, job.JobId)
        : await store.GetAsync(queue, job.JobId, context.RequestAborted) is { } record && OwnJobs.MaySee(context, record) ? TypedResults.Ok(WithoutContent.Of(record))
        : TypedResults.Ok(new AcceptedJob(job.JobId, queue, job.Type, result.State, RemainsWord(result.State)));

    private static string? RemainsWord(JobState state) => state switch
    {
        JobState.Completed => "completed",
        JobState.Failed => "failed",
        _ => null,
    };

    /// <summary>Reads a bulk, which may be larger than the server takes otherwise.</summary>
    internal static ValueTask<LimitedBody> ReadBulkAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestBulk;
        }

        return LimitedBody.ReadAsync(context.Request, LargestBulk, context.RequestAborted);
    }

    internal static ProblemHttpResult BulkTooLarge() =>
        Problems.TooLarge(string.Create(CultureInfo.InvariantCulture, $"A bulk may have at most {LargestBulk >> 20} MiB; send the rest in another request."));

    private static async Task<IResult> AddBulkAsync(
        string queue, HttpContext context, IJobPublisher publisher, IOptionsMonitor<QueueOptions> options, CleanupLimits limits, BatchChecks batches, TimeProvider time)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Problems.NotJson();
        }

        if (IdempotencyKey.Refusal(context, "give each of them a jobId, with which the whole request can be repeated.") is { } refused)
        {
            return refused;
        }

        using var body = await ReadBulkAsync(context);
        if (body.IsTooLarge)
        {
            return BulkTooLarge();
        }

        var bulk = JobBulkReader.Default.Read(JobQueues.Get(queue), body.Memory);
        if (bulk.Errors.Count > 0)
        {
            return Problems.Invalid(bulk.Errors);
        }

        if (CleanupRights.Refusal(context, queue, bulk.Jobs.Where(job => job.IsValid).Select(job => job.Data)) is { } refusal)
        {
            return refusal;
        }

        using var patience = batches.BeginPatience();
        using var span = JobTelemetry.StartAdd(queue, type: null);
        var (by, note) = (Caller.NameOf(context), Audit.NoteOf(context));
        var (accepted, rejected, jobs) = (new List<BulkAccepted>(), new List<BulkRejected>(), new List<NewJob>());
        for (var i = 0; i < bulk.Jobs.Count; i++)
        {
            var errors = bulk.Jobs[i].IsValid ? limits.ErrorsOf(bulk.Jobs[i]) : bulk.Jobs[i].Errors;
            errors = errors.Count == 0 ? await batches.ErrorsOfAsync(bulk.Jobs[i], patience, context.RequestAborted) : errors;
            if (errors.Count == 0)
            {
                var job = NewJobFactory.Create(bulk.Jobs[i], options.Get(queue), NewId(time), JobTelemetry.TraceParent(span)) with { AddedBy = by, Note = note };
                jobs.Add(job);
                accepted.Add(new BulkAccepted(i, job.JobId));
            }
            else
            {
                rejected.Add(new BulkRejected(i, errors));
            }
        }

        if (jobs.Count > 0)
        {
            StoreEffects.WillAdd(context, accepted);
            var results = await publisher.AddBulkAsync(queue, jobs, context.RequestAborted);
            Tell(queue, results, accepted, rejected);
        }

        return TypedResults.Accepted((string?)null, new BulkAnswer(accepted, rejected));
    }

    // Tells those that were known already apart from the new ones; those that were removed before their end are not accepted.
    internal static void Tell(string queue, IReadOnlyList<AddResult> results, List<BulkAccepted> accepted, List<BulkRejected> rejected)
    {
        for (var i = results.Count - 1; i >= 0; i--)
        {
            if (results[i].Remains == JobRemains.Removed)
            {
                rejected.Add(new BulkRejected(accepted[i].Index, new Dictionary<string, string[]> { ["jobId"] = [Problems.RemovedText(queue, accepted[i].JobId)] }));
                accepted.RemoveAt(i);
            }
            else if (results[i].Outcome != AddOutcome.Added)
            {
                accepted[i] = accepted[i] with { Known = results[i].SameData ? "same" : "other", State = results[i].State };
            }
        }

        rejected.Sort((one, other) => one.Index.CompareTo(other.Index));
    }

    private static string NewId(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString();
}
