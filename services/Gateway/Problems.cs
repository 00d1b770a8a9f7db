using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>What is answered when a request cannot be served: problem details that say what is wrong and the way out.</summary>
internal static class Problems
{
    public static ProblemHttpResult UnknownQueue(string queue) => TypedResults.Problem(
        $"There is no queue '{Shown(queue)}'; there are {string.Join(", ", JobQueues.All.Select(known => known.Name))}.",
        statusCode: StatusCodes.Status404NotFound,
        title: "Unknown queue");

    public static ProblemHttpResult UnknownJob(string queue, string jobId) => TypedResults.Problem(
        $"Queue '{queue}' has no job '{Shown(jobId)}' on record.", statusCode: StatusCodes.Status404NotFound, title: "Unknown job");

    public static ProblemHttpResult WrongState(string action, JobState? state, string allowed) => TypedResults.Problem(
        $"A job can be {action} only while it is {allowed}; this one is {Word(state)}.", statusCode: StatusCodes.Status409Conflict, title: "Wrong state");

    public static IResult Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The request is not valid; see errors for each field.");

    public static IResult Invalid(string field, string message) => Invalid(new Dictionary<string, string[]> { [field] = [message] });

    public static ProblemHttpResult TooLarge(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "Too large");

    public static ProblemHttpResult BatchServiceAway() => TypedResults.Problem(
        "The batch service does not answer, so nothing was changed; try again.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "Service unavailable");

    public static ProblemHttpResult NotJson() => TypedResults.Problem(
        "The body must be JSON: send content-type application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON");

    public static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";

#pragma warning disable CA1308 // the wire's form
    private static string Word(JobState? state) => state?.ToString().ToLowerInvariant() ?? "gone";
#pragma warning restore CA1308
}
