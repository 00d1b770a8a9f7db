using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>What an admin does when a person asks for their data, or to be forgotten, and when the law says that something must be kept: each with a reason, and audited.</summary>
internal static class PeopleEndpoints
{
    private const string DryRun = "dryRun";

    public static void MapPeople(this IEndpointRouteBuilder queues)
    {
        queues.MapPost("/people/{id:guid}/erase", EraseAsync)
            .ReadsQuery(DryRun)
            .WithName("ErasePerson")
            .WithSummary("Erases a person")
            .WithDescription("Adds a job that removes the person's messages, attachments, notifications, devices, contacts, preferences and jobs, with what the search index has of them; its result counts what was removed. With ?dryRun=true it only counts. The job fails while the person is under a legal hold. Takes a reason.")
            .Produces<AcceptedJob>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapPost("/people/{id:guid}/export", ExportAsync)
            .WithName("ExportPerson")
            .WithSummary("A person's data, as lines of JSON")
            .WithDescription("Conversations, messages written and received, attachments with their content, notifications, devices, contacts and preferences; each line has a kind. The last line has the kind end: without it the download broke off. Takes a reason.")
            .Produces(StatusCodes.Status200OK, contentType: LinesDownload.ContentType).ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapGet("/legal-holds", (DeliveryServiceClient service, CancellationToken cancellationToken) => PassAsync(service, HttpMethod.Get, "/internal/legal-holds", null, cancellationToken))
            .WithName("ListLegalHolds")
            .WithSummary("What must not be removed, oldest first")
            .Produces<IReadOnlyList<LegalHoldEntry>>().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapPut("/legal-holds/{id:guid}", (Guid id, NewLegalHold hold, HttpContext context, DeliveryServiceClient service, CancellationToken cancellationToken) =>
            {
                Audit.Asks(context, hold.UserId is { } user ? $"userId={user}" : $"conversationId={hold.ConversationId}");
                return PassAsync(service, HttpMethod.Put, $"/internal/legal-holds/{id}", hold, cancellationToken);
            })
            .WithName("PlaceLegalHold")
            .WithSummary("Keeps a conversation, or everything of a user, from clean-ups and erasures")
            .WithDescription("The same once more changes nothing; 409 where the id, the conversation or the user has another hold.")
            .Produces(StatusCodes.Status204NoContent).ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapDelete("/legal-holds/{id:guid}", (Guid id, DeliveryServiceClient service, CancellationToken cancellationToken) =>
                PassAsync(service, HttpMethod.Delete, $"/internal/legal-holds/{id}", null, cancellationToken))
            .WithName("LiftLegalHold")
            .WithSummary("Lifts a legal hold")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> EraseAsync(
        Guid id, QueryInput input, HttpContext context, IJobPublisher publisher, IOptionsMonitor<QueueOptions> options, TimeProvider time)
    {
        var isDry = input.Flag(DryRun);
        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        const string Queue = JobQueues.MessageCleanup;
        using var span = JobTelemetry.StartAdd(Queue, CleanupMessagesJob.JobType);
        var data = new CleanupMessagesJob { CleanupType = CleanupType.Person, UserIds = [id], DryRun = isDry ? true : null };
        var job = NewJobFactory.Create(
            Guid.CreateVersion7(time.GetUtcNow()).ToString(), data, CleanupMessagesJob.Json, options.Get(Queue), JobTelemetry.TraceParent(span)) with
        { AddedBy = Caller.NameOf(context) };
        Audit.Asks(context, $"jobId={job.JobId}{(data.DryRun == true ? " dryRun" : string.Empty)}");
        job = job with { Note = Audit.NoteOf(context) };
        StoreEffects.WillAdd(context, [new BulkAccepted(0, job.JobId)]);
        var result = await publisher.AddAsync(Queue, job, context.RequestAborted);
        StoreEffects.Done(context);
        return TypedResults.Accepted($"/queue/{Queue}/jobs/{job.JobId}", new AcceptedJob(job.JobId, Queue, job.Type, result.State));
    }

    private static async Task<IResult> ExportAsync(Guid id, DeliveryServiceClient service, CancellationToken cancellationToken)
    {
        // What is asked last is asked once before anything is answered: who has it must be there.
        var last = await PageAsync("notifications:", cancellationToken);
        return last is not null && await PageAsync(null, cancellationToken) is { } first ? new LinesDownload($"export-{id:N}", first, PageAsync) : Away(HttpMethod.Get);

        async Task<LinesPage?> PageAsync(string? cursor, CancellationToken token) =>
            await service.SendAsync(HttpMethod.Post, $"/internal/people/{id}/export", new { cursor }, token) is { Status: HttpStatusCode.OK, Body: var body }
                ? JsonSerializer.Deserialize<LinesPage>(body, JsonSerializerOptions.Web)
                : null;
    }

    private static async Task<IResult> PassAsync(DeliveryServiceClient service, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var answer = await service.SendAsync(method, path, body, cancellationToken);
        return answer == InvokedAnswer.Away ? Away(method)
            : answer is { Status: HttpStatusCode.Conflict } ? TypedResults.Problem("The id, the conversation or the user has another hold; see GET /queue/legal-holds.", statusCode: StatusCodes.Status409Conflict, title: "Held already")
            : answer is { Status: HttpStatusCode.NotFound } ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such hold.")
            : answer.Body.Length == 0 ? TypedResults.StatusCode((int)answer.Status)
            : new PassedOn((int)answer.Status, answer.Body);
    }

    private static ProblemHttpResult Away(HttpMethod method) => TypedResults.Problem(
        method == HttpMethod.Get ? "A service that has a part of it does not answer. Try again soon." : "The delivery service does not answer; whether anything has changed is not known. Asking again does no harm.",
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Service unavailable");
}

/// <summary>A hold to place, on one of the two.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="UserId">The user.</param>
/// <param name="Reason">Why, 1–500 characters: for example the number of the case.</param>
internal sealed record NewLegalHold(Guid? ConversationId, Guid? UserId, string? Reason);

/// <summary>That something must not be removed.</summary>
/// <param name="Id">The hold.</param>
/// <param name="ConversationId">The conversation that it holds; null for one of a user.</param>
/// <param name="UserId">The user whose messages it holds; null for one of a conversation.</param>
/// <param name="Reason">Why.</param>
/// <param name="PlacedAt">Since when.</param>
internal sealed record LegalHoldEntry(Guid Id, Guid? ConversationId, Guid? UserId, string Reason, DateTimeOffset PlacedAt);
