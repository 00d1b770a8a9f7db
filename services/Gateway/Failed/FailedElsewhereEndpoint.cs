using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Putting jobs on record that have failed elsewhere, in the system that this one replaces: nobody runs them before somebody retries them.</summary>
internal static class FailedElsewhereEndpoint
{
    public static void MapFailedElsewhere(this IEndpointRouteBuilder queues) =>
        queues.MapPost("/{queue}/failed", AddAsync)
            .RequireQueue()
            .ReadsBody()
            .Produces<BulkAnswer>(StatusCodes.Status202Accepted)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithName("AddFailedJobs")
            .WithSummary("Puts up to 1000 jobs on record that have failed elsewhere")
            .WithDescription("{\"jobs\": [{\"job\": envelope with its jobId, \"error\": \"why it failed\", \"stack\": \"…\"}]}. They do not run: they are failed jobs, with their dead letters, until somebody retries or discards them. Each is judged by itself; a jobId that is known already is not added again.");

    private static async Task<IResult> AddAsync(
        string queue, HttpContext context, IJobPublisher publisher, IOptionsMonitor<QueueOptions> options, TimeProvider time)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Problems.NotJson();
        }

        using var body = await AddEndpoints.ReadBulkAsync(context);
        if (body.IsTooLarge)
        {
            return AddEndpoints.BulkTooLarge();
        }

        if (FailedJobsReader.Read(JobQueues.Get(queue), body.Memory, out var wrong) is not { } read)
        {
            return Problems.Invalid(wrong.Field, wrong.Message);
        }

        if (CleanupRights.Refusal(context, queue, read.Where(job => job.Error is not null).Select(job => job.Reading.Data)) is { } refusal)
        {
            return refusal;
        }

        using var span = JobTelemetry.StartAdd(queue, type: null);
        var note = Audit.NoteOf(context);
        var (accepted, rejected, jobs) = (new List<BulkAccepted>(), new List<BulkRejected>(), new List<NewJob>());
        for (var i = 0; i < read.Count; i++)
        {
            if (read[i].Error is { } error)
            {
                var fallback = Guid.CreateVersion7(time.GetUtcNow()).ToString();
                jobs.Add(NewJobFactory.Create(read[i].Reading, options.Get(queue), fallback, JobTelemetry.TraceParent(span)) with { AddedBy = Caller.NameOf(context), Error = error, Delay = default, Note = note });
                accepted.Add(new BulkAccepted(i, jobs[^1].JobId));
            }
            else
            {
                rejected.Add(new BulkRejected(i, read[i].Wrong));
            }
        }

        if (jobs.Count > 0)
        {
            StoreEffects.WillAdd(context, accepted);
            AddEndpoints.Tell(queue, await publisher.AddBulkAsync(queue, jobs, context.RequestAborted), accepted, rejected);
        }

        return TypedResults.Accepted((string?)null, new BulkAnswer(accepted, rejected));
    }
}
