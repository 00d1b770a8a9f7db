using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>The failed jobs of one cause.</summary>
/// <param name="Queue">Their queue.</param>
/// <param name="Cause">The group's name, <c>type:fingerprint</c>; <c>GET …/jobs?state=failed&amp;cause=</c> lists its jobs.</param>
/// <param name="Type">The type of its jobs.</param>
/// <param name="Code">The error's code.</param>
/// <param name="Message">The error of the newest of them.</param>
/// <param name="Count">How many failed jobs there are of it.</param>
/// <param name="FirstSeen">When a job failed for this cause for the first time.</param>
/// <param name="LastSeen">When the newest failed.</param>
/// <param name="LatestJobId">The newest.</param>
/// <param name="Hours">How many of its failed jobs failed in each of the last 24 hours; the present one last.</param>
/// <param name="IsNew">Whether it was first seen within the last hour.</param>
/// <param name="Mute">Who does not want to hear of it; null when nobody said so.</param>
/// <param name="Replay">The replay of its jobs that goes on, or the last one within the hour.</param>
internal sealed record FailureView(
    string Queue,
    string Cause,
    string Type,
    string? Code,
    string? Message,
    long Count,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    string? LatestJobId,
    IReadOnlyList<int> Hours,
    bool IsNew,
    FailureMute? Mute,
    FailureReplay? Replay) : ICounted;

/// <summary>Failed jobs by their cause.</summary>
/// <param name="Groups">The causes: muted ones last, the largest first.</param>
/// <param name="Causes">How many causes there are in all.</param>
/// <param name="Total">How many jobs have failed in all.</param>
/// <param name="Timestamp">When this was so.</param>
internal sealed record FailureList(IReadOnlyList<FailureView> Groups, int Causes, long Total, DateTimeOffset Timestamp);

/// <summary>How many jobs were removed.</summary>
/// <param name="Removed">The number.</param>
internal sealed record DiscardedJobs(long Removed) : ICounted
{
    long ICounted.Count => Removed;
}

/// <summary>Failures by their cause, and what is done with all jobs of one.</summary>
internal static class FailureEndpoints
{
    private const int MostGroups = 500;
    private const int HighestRate = 1000;
    private const int LongestUndoSeconds = 300;
    private const int LongestMuteHours = 24 * 90;

    public static void AddFailureGroups(this IServiceCollection services)
    {
        services.AddSingleton<FailureGroups>();
        services.AddHostedService<FailureReplayService>();
    }

    public static void MapFailures(this IEndpointRouteBuilder queues)
    {
        queues.MapGet("/failures", (QueryInput input, FailureGroups failures, CancellationToken cancellationToken) =>
                ListAsync(JobQueues.All.Select(queue => queue.Name), input, failures, cancellationToken))
            .ReadsQuery("limit")
            .Produces<FailureList>()
            .ProducesValidationProblem()
            .WithEntityTag<FailureList>(list => list with { Timestamp = default })
            .WithName("ListFailures")
            .WithSummary("Failed jobs of all queues by their cause: true counts, since when, how many an hour")
            .WithDescription("limit: 1–500, default 50; muted causes last, then the largest first.");
        queues.MapGet("/{queue}/failures", (string queue, QueryInput input, FailureGroups failures, CancellationToken cancellationToken) =>
                ListAsync([queue], input, failures, cancellationToken))
            .RequireQueue()
            .ReadsQuery("limit")
            .Produces<FailureList>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag<FailureList>(list => list with { Timestamp = default })
            .WithName("ListQueueFailures")
            .WithSummary("Failed jobs of a queue by their cause");
        queues.MapGet("/{queue}/failures/{id}", async (string queue, string id, FailureGroups failures, CancellationToken cancellationToken) =>
                await failures.FindAsync(queue, id, cancellationToken) is { } view ? TypedResults.Ok(view) : (IResult)Unknown(queue, id))
            .RequireQueue()
            .Produces<FailureView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithEntityTag()
            .WithName("GetFailure")
            .WithSummary("The failed jobs of one cause, with the replay that goes on");
        queues.MapPost("/{queue}/failures/{id}/retry", RetryAsync)
            .RequireQueue()
            .ReadsQuery("rate", "undoSeconds")
            .Produces<FailureView>(StatusCodes.Status202Accepted)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("RetryFailure")
            .WithSummary("Makes all failed jobs of a cause wait again")
            .WithDescription("rate: jobs a second, 1–1000; 0, the default, for all at once. undoSeconds: 0–300, default 0, in which nothing happens and …/stop undoes it. It goes on whoever looks; GET of the group tells how far it is. 409 while one goes on.");
        queues.MapPost("/{queue}/failures/{id}/stop", async (string queue, string id, FailureGroups failures, CancellationToken cancellationToken) =>
                await failures.StopAsync(queue, id, cancellationToken) is null
                    ? TypedResults.Problem("No replay of this cause goes on.", statusCode: StatusCodes.Status409Conflict, title: "Wrong state")
                    : await failures.FindAsync(queue, id, cancellationToken) is { } view ? TypedResults.Ok(view) : (IResult)Unknown(queue, id))
            .RequireQueue()
            .Produces<FailureView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithName("StopFailureReplay")
            .WithSummary("Undoes a replay that has not begun, or stops one that runs: what it has not come to stays failed");
        queues.MapPost("/{queue}/failures/{id}/discard", async (string queue, string id, HttpContext context, FailureGroups failures, CancellationToken cancellationToken) =>
                Audit.ReasonOf(context).Length == 0
                    ? Problems.Invalid(Audit.ReasonParameter, "is required: why these jobs are not to be done.")
                    : TypedResults.Ok(new DiscardedJobs(await failures.DiscardAsync(queue, id, cancellationToken))))
            .RequireQueue()
            .Produces<DiscardedJobs>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("DiscardFailure")
            .WithSummary("Removes the records of all failed jobs of a cause; reason is required");
        queues.MapPost("/{queue}/failures/{id}/mute", MuteAsync)
            .RequireQueue()
            .ReadsQuery("hours")
            .Produces<FailureView>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("MuteFailure")
            .WithSummary("Puts a cause last, as known")
            .WithDescription("hours: 1–2160; left out: until it is unmuted.");
        queues.MapPost("/{queue}/failures/{id}/unmute", async (string queue, string id, FailureGroups failures, CancellationToken cancellationToken) =>
            {
                await failures.MuteAsync(queue, id, null, cancellationToken);
                return await failures.FindAsync(queue, id, cancellationToken) is { } view ? TypedResults.Ok(view) : (IResult)Unknown(queue, id);
            })
            .RequireQueue()
            .Produces<FailureView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("UnmuteFailure")
            .WithSummary("Ends the muting of a cause");
    }

    private static async Task<IResult> RetryAsync(
        string queue, string id, QueryInput input, HttpContext context, FailureGroups failures, CancellationToken cancellationToken)
    {
        var (rate, seconds) = (input.Number("rate", 0, 0, HighestRate), input.Number("undoSeconds", 0, 0, LongestUndoSeconds));
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        return await failures.ReplayAsync(queue, id, rate, TimeSpan.FromSeconds(seconds), Caller.NameOf(context), cancellationToken) switch
        {
            (null or { Count: 0, Replay: not { IsGoingOn: true } }, _) => Unknown(queue, id),
            ({ } view, true) => TypedResults.Accepted($"/queue/{queue}/failures/{Uri.EscapeDataString(id)}", view),
            _ => TypedResults.Problem("A replay of this cause goes on; stop it first, or wait for it.", statusCode: StatusCodes.Status409Conflict, title: "Wrong state"),
        };
    }

    private static async Task<IResult> MuteAsync(
        string queue, string id, QueryInput input, HttpContext context, FailureGroups failures, TimeProvider time, CancellationToken cancellationToken)
    {
        var hours = input.Number("hours", 0, 1, LongestMuteHours);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        if (await failures.FindAsync(queue, id, cancellationToken) is null)
        {
            return Unknown(queue, id);
        }

        var now = time.GetUtcNow();
        var reason = Audit.ReasonOf(context);
        var mute = new FailureMute(Caller.NameOf(context), now, hours == 0 ? null : now.AddHours(hours), reason.Length > 0 ? reason : null);
        await failures.MuteAsync(queue, id, mute, cancellationToken);
        return TypedResults.Ok(await failures.FindAsync(queue, id, cancellationToken));
    }

    private static async Task<IResult> ListAsync(IEnumerable<string> queues, QueryInput input, FailureGroups failures, CancellationToken cancellationToken)
    {
        var limit = input.Number("limit", 50, 1, MostGroups);
        return input.HasErrors ? Problems.Invalid(input.Errors) : TypedResults.Ok(await failures.ListAsync(queues, limit, cancellationToken));
    }

    internal static ProblemHttpResult Unknown(string queue, string id) => TypedResults.Problem(
        $"Queue '{queue}' has no failed jobs of cause '{Problems.Shown(id)}'.", statusCode: StatusCodes.Status404NotFound, title: "Unknown cause");
}
