using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>What is answered while the job store is away: what was done, that nothing was, or that it is not known, in the words of what was asked for.</summary>
internal static class StoreAwayTexts
{
    private const string Again = "Send the request again";

    private static readonly Dictionary<string, (string What, string Safe)> Changes = new()
    {
        ["AddJob"] = ("job {job} was added", "with this jobId: a job that is there already is answered with its record and not added twice"),
        ["AddBatchWithUpload"] = ("job {job} was added", "with this jobId in its part job: a batch that is there already is answered with its record and not sent twice"),
        ["AddJobs"] = ("its jobs were added", "with the jobIds below, each in its place: those that are there already are not added twice"),
        ["AddFailedJobs"] = ("its failed jobs were put on record", "with the same jobIds: those that are there already are not added twice"),
        ["RetryJob"] = ("job {id} was retried", "if it is still failed; a job that waits again answers 409"),
        ["PromoteJob"] = ("job {id} was promoted", "if it is still delayed; a job that waits already answers 409"),
        ["CancelJob"] = ("job {id} was cancelled", "; a job that has ended answers 409"),
        ["RemoveJob"] = ("job {id} was removed", "; a job that is gone answers 404"),
        ["RetryFailedJobs"] = ("failed jobs were retried", "; those that wait again are passed over"),
        ["RetryFailure"] = ("a replay of cause {id} was put down", "; while one goes on, another is refused with 409"),
        ["EditJob"] = ("job {id} was retried with the changed data", "if it is still failed; a job that waits again answers 409"),
        ["EditFailure"] = ("failed jobs of cause {id} were changed and retried", "; it goes on with those that are left"),
        ["StopFailureReplay"] = ("the replay of cause {id} was stopped", "; when none goes on, it answers 409"),
        ["DiscardFailure"] = ("failed jobs of cause {id} were discarded", "; it goes on where it stopped"),
        ["MuteFailure"] = ("cause {id} was muted", "; muting it twice changes nothing"),
        ["UnmuteFailure"] = ("cause {id} was unmuted", "; unmuting it twice changes nothing"),
        ["UndoRetry"] = ("retry {id} was undone", "; undoing it twice changes nothing"),
        ["PauseQueue"] = ("queue {queue} was paused", "; pausing it twice changes nothing"),
        ["ResumeQueue"] = ("queue {queue} was resumed", "; resuming it twice changes nothing"),
        ["CleanQueue"] = ("old jobs were removed", "; it goes on where it stopped"),
        ["PutSchedule"] = ("the schedule was put down", "with this id: {id}"),
        ["RemoveSchedule"] = ("schedule {id} was removed", "; a schedule that is gone answers 404"),
        ["RunSchedule"] = ("job {job} of schedule {id} was added", "only when GET of that job answers 404: every run is a job of its own"),
        ["EnableSchedule"] = ("schedule {id} was enabled", "; enabling it twice changes nothing"),
        ["DisableSchedule"] = ("schedule {id} was disabled", "; disabling it twice changes nothing"),
        ["PauseBatch"] = ("batch job {id} was paused", "; a batch that is paused answers 409"),
        ["FindSuppression"] = ("the address was looked up", "; looking it up changes nothing"),
        ["AddSuppression"] = ("the address was put on the suppression list", "; an address that is on it stays on it"),
        ["RemoveSuppression"] = ("the address was taken off the suppression list", "; one that is not on it answers 404"),
        ["ErasePerson"] = ("job {job}, which erases the person, was added", "; erasing a person twice removes what is left"),
        ["ExportPerson"] = ("the export went on record", "; an export changes nothing"),
        ["PlaceLegalHold"] = ("hold {id} was placed", "with this id; the same hold twice changes nothing"),
        ["LiftLegalHold"] = ("hold {id} was lifted", "; a hold that is gone answers 404"),
        ["ResumeBatch"] = ("batch job {id} was resumed", "; a batch that goes on answers 409"),
    };

    public static IReadOnlyCollection<string> Names => Changes.Keys;

    public static ProblemHttpResult Problem(HttpContext context, JobStoreUnavailableException exception)
    {
        var isWithoutEffect = exception.IsWithoutEffect;
        var name = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? string.Empty;
        if (!Changes.TryGetValue(name, out var texts))
        {
            return Problem("The job store (Redis) does not answer, so nothing can be read now. " + Again + " later.", []);
        }

        var jobs = StoreEffects.JobsOf(context);
        var what = Fill(texts.What, context, jobs);
        var again = Again + (texts.Safe[0] == ';' ? string.Empty : " ") + Fill(texts.Safe, context, jobs);
        var extensions = new Dictionary<string, object?>();
        if (name is "AddJobs" or "AddFailedJobs")
        {
            extensions["jobs"] = jobs;
        }
        else if (jobs is [{ JobId: var jobId }])
        {
            extensions["jobId"] = jobId;
        }

        var (outcome, detail) = StoreEffects.IsDone(context)
            ? ("done", $"The job store (Redis) stopped answering when it was done: {what}. Only what should be answered cannot be read now.")
            : isWithoutEffect
                ? ("none", exception.IsFull
                    ? $"The job store (Redis) has no memory left, and {Nothing(name)}. Whatever ends or removes jobs goes on and makes room; " + Again.ToLowerInvariant() + " when there is some."
                    : $"The job store (Redis) does not answer, and {Nothing(name)}. " + Again + " later.")
                : ("unknown", $"The job store (Redis) did not answer in time, so it is unknown whether {what}. {again}.");
        extensions["outcome"] = outcome;
        return exception.IsFull && outcome == "none"
            ? TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Job store full", extensions: extensions)
            : Problem(detail, extensions);
    }

    private static string Nothing(string name) => name.StartsWith("Add", StringComparison.Ordinal) || name == "RunSchedule" ? "nothing was added" : "nothing was changed";

    private static ProblemHttpResult Problem(string detail, Dictionary<string, object?> extensions) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Job store away", extensions: extensions);

    private static string Fill(string text, HttpContext context, IReadOnlyList<BulkAccepted> jobs) => text
        .Replace("{job}", jobs is [var only] ? $"'{Problems.Shown(only.JobId)}'" : "of the request", StringComparison.Ordinal)
        .Replace("{id}", context.Request.RouteValues["id"] is string id ? $"'{Problems.Shown(id)}'" : "of the request", StringComparison.Ordinal)
        .Replace("{queue}", context.Request.RouteValues["queue"] as string, StringComparison.Ordinal);
}
