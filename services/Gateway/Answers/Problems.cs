using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>What is answered when a request cannot be served: problem details that say what is wrong and the way out.</summary>
internal static class Problems
{
    private const int LongestShown = 64;

    public static ProblemHttpResult UnknownQueue(string queue) => TypedResults.Problem(
        $"There is no queue '{Shown(queue)}'; there are {string.Join(", ", JobQueues.All.Select(known => known.Name))}.",
        statusCode: StatusCodes.Status404NotFound,
        title: "Unknown queue");

    public static ProblemHttpResult UnknownJob(string queue, string jobId) => TypedResults.Problem(
        $"Queue '{queue}' has no job '{Shown(jobId)}' on record.", statusCode: StatusCodes.Status404NotFound, title: "Unknown job");

    /// <summary>404; where only a tombstone is left of it, with what became of it.</summary>
    public static async Task<IResult> UnknownJobAsync(IJobReader store, string queue, string jobId, CancellationToken cancellationToken)
    {
        var known = (await store.GetStatesAsync(queue, [jobId], cancellationToken))[0];
        return known is null ? UnknownJob(queue, jobId) : TypedResults.Problem(
            $"Queue '{queue}' has no job '{Shown(jobId)}' on record: it has ended or was removed, and its record has gone.",
            statusCode: StatusCodes.Status404NotFound,
            title: "Job gone",
            extensions: new Dictionary<string, object?> { ["remains"] = known.Value.Remains == JobRemains.Removed ? "removed" : Word(known.Value.State) });
    }

    public static string RemovedText(string queue, string jobId) =>
        $"Job '{Shown(jobId)}' of queue '{queue}' was removed before it had ended, so it never ran to its end and will not: use another jobId to add it again.";

    public static ProblemHttpResult Removed(string queue, string jobId) => TypedResults.Problem(
        RemovedText(queue, jobId), statusCode: StatusCodes.Status410Gone, title: "Job removed", extensions: new Dictionary<string, object?> { ["jobId"] = jobId, ["remains"] = "removed" });

    public static ProblemHttpResult WrongState(string action, JobState? state, string allowed) => TypedResults.Problem(
        $"A job can be {action} only while it is {allowed}; this one is {Word(state)}.", statusCode: StatusCodes.Status409Conflict, title: "Wrong state");

    public static IResult Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The request is not valid; see errors for each field.");

    public static IResult Invalid(string field, string message) => Invalid(new Dictionary<string, string[]> { [field] = [message] });

    public static ProblemHttpResult TooLarge(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "Too large");

    public static ProblemHttpResult UploadNotKept() => TypedResults.Problem(
        "The batch service does not answer, so the recipients could not be kept and no job was added; try again.",
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Service unavailable");

    public static ProblemHttpResult BatchServiceAway(string participle, string jobId) => TypedResults.Problem(
        $"The batch service did not answer, so it is unknown whether job '{Shown(jobId)}' was {participle}. Send the request again; a batch that is {participle} already answers 409.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "Service unavailable");

    public static ProblemHttpResult NotJson() => TypedResults.Problem(
        "The body must be JSON: send content-type application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON");

    /// <summary>What somebody sent, in a sentence: not all of it, and nothing that a terminal or a page would take for more than letters.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, LongestShown) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= LongestShown)
            {
                return shown.Append('…').ToString();
            }

            var isPlain = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            shown.Append(isPlain ? rune.ToString() : "�");
        }

        return shown.ToString();
    }

#pragma warning disable CA1308 // the wire's form
    private static string Word(JobState? state) => state?.ToString().ToLowerInvariant() ?? "gone";
#pragma warning restore CA1308
}
