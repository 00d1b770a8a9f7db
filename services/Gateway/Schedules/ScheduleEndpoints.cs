using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway;

/// <summary>The schedules of a queue.</summary>
/// <param name="Schedules">The schedules, by id.</param>
internal sealed record ScheduleList(IReadOnlyList<JobSchedule> Schedules);

/// <summary>Repeatable jobs.</summary>
internal static class ScheduleEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder queues)
    {
        queues.MapPost("/{queue}/schedules", PutAsync)
            .RequireQueue()
            .Accepts<ScheduleRequest>("application/json")
            .Produces<JobSchedule>(StatusCodes.Status201Created)
            .Produces<JobSchedule>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("PutSchedule")
            .WithSummary("Makes a schedule, or changes the one of the same id")
            .WithDescription("Either cron (with timeZone) or every (ms). Of a schedule that is there job may be left out: it keeps its own. A time that was missed while nothing ran is made up for once. overlap says what happens when the job of the time before has not ended: skip (default) or queue.");
        queues.MapGet("/{queue}/schedules", async (string queue, IVersionedStore<JobSchedule> schedules, CancellationToken cancellationToken) =>
                TypedResults.Ok(new ScheduleList([.. (await schedules.ListAsync(queue, cancellationToken)).Select(WithoutContent.Of)])))
            .RequireQueue()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("ListSchedules")
            .WithSummary("The schedules of a queue");
        queues.MapGet("/{queue}/schedules/{id}", async (string queue, string id, IVersionedStore<JobSchedule> schedules, CancellationToken cancellationToken) =>
                await schedules.FindAsync(queue, id, cancellationToken) is { } schedule ? TypedResults.Ok(WithoutContent.Of(schedule)) : (IResult)Unknown(queue, id))
            .RequireQueue()
            .Produces<JobSchedule>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetSchedule")
            .WithSummary("A schedule");
        queues.MapDelete("/{queue}/schedules/{id}", RemoveAsync)
            .RequireQueue()
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("RemoveSchedule")
            .WithSummary("Removes a schedule; jobs that it has added stay");
        queues.MapPost("/{queue}/schedules/{id}/run", RunAsync)
            .RequireQueue()
            .Produces<AcceptedJob>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("RunSchedule")
            .WithSummary("Adds a schedule's job now, beside the planned times");
        foreach (var (action, enabled) in new[] { ("enable", true), ("disable", false) })
        {
            queues.MapPost($"/{{queue}}/schedules/{{id}}/{action}", (string queue, string id, HttpContext context, IVersionedStore<JobSchedule> schedules, ScheduleRunner runner, CancellationToken cancellationToken) =>
                    EnableAsync(context, queue, id, enabled, schedules, runner, cancellationToken))
                .RequireQueue()
                .Produces<JobSchedule>()
                .ProducesProblem(StatusCodes.Status404NotFound)
                .WithName(enabled ? "EnableSchedule" : "DisableSchedule")
                .WithSummary(enabled ? "Lets a schedule run again, from its next planned time" : "Stops a schedule without removing it");
        }
    }

    private static ProblemHttpResult Unknown(string queue, string id) => TypedResults.Problem(
        $"Queue '{queue}' has no schedule '{Problems.Shown(id)}'.", statusCode: StatusCodes.Status404NotFound, title: "Unknown schedule");

    private static async Task<IResult> PutAsync(
        string queue, HttpContext context, IVersionedStore<JobSchedule> schedules, ScheduleRunner runner, TimeProvider time)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Problems.NotJson();
        }

        using var body = await LimitedBody.ReadAsync(context.Request, JobLimits.EnvelopeBytes, context.RequestAborted);
        if (body.IsTooLarge)
        {
            return Problems.TooLarge("A schedule's job may have at most 1 MiB of data.");
        }

        var asked = await ScheduleJob.KeepAsync(body.Memory, queue, schedules, context.RequestAborted);
        if (ScheduleRequestReader.Default.Read(JobQueues.Get(queue), asked, out var errors) is not { } request)
        {
            return Problems.Invalid(errors);
        }

        if (CleanupRights.Refusal(context, queue, request.Job!.Value) is { } refusal)
        {
            return refusal;
        }

        // Said, should the store's answer be missing: with it, the request can be repeated.
        var id = request.Id ?? Guid.CreateVersion7(time.GetUtcNow()).ToString();
        context.Request.RouteValues["id"] = id;
        while (true)
        {
            var current = await schedules.FindAsync(queue, id, context.RequestAborted);
            var next = runner.Begin(new JobSchedule
            {
                Id = id,
                Queue = queue,
                Cron = request.Cron,
                Every = request.Every,
                TimeZone = request.TimeZone ?? JobSchedules.DefaultTimeZone,
                Limit = request.Limit,
                Overlap = request.Overlap ?? ScheduleOverlap.Skip,
                Enabled = request.Enabled ?? true,
                Job = request.Job!.Value.Clone(),
                CreatedAt = current?.CreatedAt ?? time.GetUtcNow(),
                LastRunAt = current?.LastRunAt,
                LastJobId = current?.LastJobId,
                Runs = current?.Runs ?? 0,
                Skipped = current?.Skipped ?? 0,
            });
            if (await schedules.ReplaceAsync(current, next, context.RequestAborted))
            {
                next = WithoutContent.Of(next with { Version = (current?.Version ?? 0) + 1 });
                return current is null ? TypedResults.Created($"/queue/{queue}/schedules/{Uri.EscapeDataString(id)}", next) : TypedResults.Ok(next);
            }
        }
    }

    private static async Task<IResult> RemoveAsync(string queue, string id, IVersionedStore<JobSchedule> schedules, CancellationToken cancellationToken) =>
        await schedules.FindAsync(queue, id, cancellationToken) switch
        {
            null => Unknown(queue, id),
            { Origin: ScheduleOrigin.Settings } => TypedResults.Problem(
                $"Schedule '{Problems.Shown(id)}' comes from the gateway's settings and would be back at the next start: disable it, or change the settings.",
                statusCode: StatusCodes.Status409Conflict,
                title: "Wrong state"),
            _ => await schedules.RemoveAsync(queue, id, cancellationToken) ? TypedResults.NoContent() : (IResult)Unknown(queue, id),
        };

    private static async Task<IResult> RunAsync(
        string queue, string id, HttpContext context, IVersionedStore<JobSchedule> schedules, ScheduleRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await schedules.FindAsync(queue, id, cancellationToken) is not { } schedule)
        {
            return Unknown(queue, id);
        }

        if (CleanupRights.Refusal(context, queue, schedule.Job) is { } refusal)
        {
            return refusal;
        }

        if (JobSealing.IsSealed(schedule.Job))
        {
            return TypedResults.Problem(
                $"The job of schedule '{Problems.Shown(id)}' is sealed with a key that {SealingKeys.Setting} does not have: give the key back, or put the schedule down anew.",
                statusCode: StatusCodes.Status409Conflict,
                title: "Wrong state");
        }

        var now = time.GetUtcNow();
        StoreEffects.WillAdd(context, [new BulkAccepted(0, ScheduleRunner.JobIdOf(schedule, now))]);
        var jobId = await runner.RunNowAsync(schedule, now, Audit.NoteOf(context), cancellationToken);
        return TypedResults.Accepted(
            $"/queue/{queue}/jobs/{Uri.EscapeDataString(jobId)}",
            new AcceptedJob(jobId, queue, TypeOf(schedule), JobState.Waiting));
    }

    private static string TypeOf(JobSchedule schedule) =>
        schedule.Job.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : JobQueues.Get(schedule.Queue).DefaultJobType ?? string.Empty;

    private static async Task<IResult> EnableAsync(
        HttpContext context, string queue, string id, bool enabled, IVersionedStore<JobSchedule> schedules, ScheduleRunner runner, CancellationToken cancellationToken)
    {
        while (await schedules.FindAsync(queue, id, cancellationToken) is { } current)
        {
            if (enabled && CleanupRights.Refusal(context, queue, current.Job) is { } refusal)
            {
                return refusal;
            }

            // What passed while it was disabled is not made up for.
            var next = enabled && !current.Enabled ? runner.Begin(current with { Enabled = true }) : current with { Enabled = enabled };
            if (await schedules.ReplaceAsync(current, next, cancellationToken))
            {
                return TypedResults.Ok(WithoutContent.Of(next with { Version = current.Version + 1 }));
            }
        }

        return Unknown(queue, id);
    }
}
