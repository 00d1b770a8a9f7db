using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>What decides how a run ends, besides what its handler did.</summary>
/// <param name="Run">The run.</param>
/// <param name="Cause">Why its token fired, if it did.</param>
/// <param name="HadStoreTrouble">Whether the handler had to wait for the job store while that was in trouble.</param>
/// <param name="Options">The queue's options.</param>
internal readonly record struct AttemptFacts(JobRun Run, StopCause Cause, bool HadStoreTrouble, QueueOptions Options);

/// <summary>
/// The one table that turns what happened in an attempt into what goes on record: what counts as an attempt, whether there is another one and when, and
/// what owes a dead letter.
/// </summary>
internal static class AttemptRules
{
    private const double SnoozeGrowth = 1.5;

    private static readonly TimeSpan ShortestSnooze = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSnoozeFloor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(JobBackoff.MaxDelay);

    /// <summary>Decides how a run ends that its handler ended by returning. A handler that finished although its token had fired is believed.</summary>
    /// <returns>The end to put on record; null when the run has lost its lease and may write nothing.</returns>
    public static RunEnd? AfterReturn(in AttemptFacts facts, JobOutcome? outcome) => (outcome, facts.Cause) switch
    {
        (_, StopCause.LeaseLost) => null,
        (JobOutcome.Completed completed, _) => Completed(facts.Run, completed),
        (JobOutcome.Fail fail, _) => Failed(facts.Run, new JobError(fail.Reason, Code: JobErrorCodes.Permanent)),
        (JobOutcome.Cancel cancel, _) => Failed(facts.Run, new JobError(cancel.Reason, Code: JobErrorCodes.Cancelled)),
        (JobOutcome.Snooze { StartsAnew: true } snooze, StopCause.Timeout) => Snoozed(facts, snooze),
        (_, not StopCause.None) => AfterStop(facts, stack: null),
        (JobOutcome.Snooze snooze, _) => Snoozed(facts, snooze),
        (JobOutcome.Retry retry, _) => RetryOrFail(facts, new JobError(retry.Reason), retry.After),
        _ => RetryOrFail(facts, new JobError($"The handler of '{facts.Run.Type}' returned no outcome."), after: null),
    };

    /// <summary>Decides how a run ends that its handler ended by throwing.</summary>
    /// <returns>The end to put on record; null when the run has lost its lease and may write nothing.</returns>
    public static RunEnd? AfterThrow(in AttemptFacts facts, Exception exception) => (exception, facts.Cause) switch
    {
        (_, StopCause.LeaseLost) => null,
        (PermanentJobException, _) => Failed(facts.Run, ExceptionText.ErrorOf(exception, JobErrorCodes.Permanent)),
        (_, not StopCause.None) => AfterStop(facts, ExceptionText.StackOf(exception)),
        _ when ExceptionText.IsStoreTrouble(exception) =>
            Snoozed(facts, new JobOutcome.Snooze(TimeSpan.Zero, "The job store did not answer while the job ran.")),
        _ => RetryOrFail(facts, ExceptionText.ErrorOf(exception, JobErrorCodes.Handler), after: null),
    };

    /// <summary>Decides how a run ends whose handler was stopped and does not return.</summary>
    public static RunEnd? AfterStuck(in AttemptFacts facts) => AfterStop(facts, stack: null, " Its handler was told to stop and has not returned.");

    /// <summary>How a run ends whose data no handler may see.</summary>
    public static RunEnd OfInvalidData(JobRun run, string errors) => Failed(run, new JobError(errors, Code: JobErrorCodes.Invalid));

    /// <summary>How a run ends that no handler has seen.</summary>
    public static RunEnd GivenBack(JobRun run) => new(run.Key, RunEndKind.Released);

    /// <summary>The end without what the store may not be able to take.</summary>
    public static RunEnd CutDown(RunEnd end) => new(end.Key, end.Kind)
    {
        Result = end.Result.IsEmpty ? default : HandlerJson.NotKept(end.Result.Length, "The job store refused the result; it was not kept."),
        Error = end.Error is null ? null : new JobError("The job store refused what is known of the error.", Code: end.Error.Code),
        Delay = end.Delay,
        ForgetsData = end.ForgetsData,
        SnoozesAnew = end.SnoozesAnew,
    };

    /// <summary>Whether a job whose run ended so has failed for good. A cancelled job has, whatever its run asked for.</summary>
    public static bool OwesDeadLetter(RunEnd end, LeaseState state) =>
        end.Kind == RunEndKind.Failed || (state == LeaseState.CancelRequested && end.Kind != RunEndKind.Completed);

    /// <summary>What metrics call an end.</summary>
    public static string NameOf(RunEnd? end) => end?.Kind switch
    {
        null => "lost",
        RunEndKind.Completed => "completed",
        RunEndKind.Retry => "retried",
        RunEndKind.Failed => "failed",
        RunEndKind.Snoozed => "snoozed",
        _ => "released",
    };

    private static RunEnd? AfterStop(in AttemptFacts facts, string? stack, string more = "") => facts.Cause switch
    {
        StopCause.LeaseLost => null,
        StopCause.Cancelled => Failed(facts.Run, new JobError("The job was cancelled." + more, Code: JobErrorCodes.Cancelled)),
        StopCause.Shutdown or StopCause.LeaseOver => GivenBack(facts.Run),

        // Time that went into waiting for the store is not the job's.
        StopCause.Timeout when facts.HadStoreTrouble => GivenBack(facts.Run),
        _ => RetryOrFail(
            facts,
            new JobError($"The attempt ran longer than its timeout of {facts.Run.Timeout.TotalSeconds:0.###} s." + more, stack, JobErrorCodes.Timeout),
            after: null),
    };

    private static RunEnd Completed(JobRun run, JobOutcome.Completed completed)
    {
        try
        {
            return new RunEnd(run.Key, RunEndKind.Completed) { Result = HandlerJson.OfResult(completed.Result), ForgetsData = completed.ForgetsData };
        }
#pragma warning disable CA1031 // Writing the result runs the handler's own code.
        catch (Exception exception)
        {
            // The work is done: another attempt would only do it again, and fail in the same way.
            return Failed(run, new JobError(
                $"The job's work was done, but its result, a {completed.Result!.GetType().Name}, cannot be written as JSON ({exception.GetType().Name}). Return something that can.",
                ExceptionText.StackOf(exception),
                JobErrorCodes.Permanent));
        }
#pragma warning restore CA1031
    }

    private static RunEnd Snoozed(in AttemptFacts facts, JobOutcome.Snooze snooze)
    {
        var run = facts.Run;
        var snoozes = snooze.StartsAnew ? 0 : run.Snoozes;
        var left = facts.Options.MaxSnooze - (snoozes == 0 || run.SnoozedSince is not { } since ? TimeSpan.Zero : run.StartedAt - since);
        if (left <= TimeSpan.Zero)
        {
            return RetryOrFail(
                facts,
                new JobError($"The job was postponed {snoozes} times within {facts.Options.MaxSnooze:c}, which is as long as its queue allows. {snooze.Reason}", Code: JobErrorCodes.Snoozed),
                after: null);
        }

        // A provider that answers "retry at once" for hours is asked less and less often.
        var grown = ShortestSnooze.TotalMilliseconds * Math.Pow(SnoozeGrowth, Math.Min(snoozes, 50));
        var floor = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(LongestSnoozeFloor.TotalMilliseconds, grown)));
        var delay = Clamp(snooze.For, floor);
        return new RunEnd(run.Key, RunEndKind.Snoozed)
        {
            Delay = Clamp(delay < left ? delay : left, ShortestSnooze),
            SnoozesAnew = snooze.StartsAnew,
            SnoozeReason = snooze.Reason is null ? null : TextLimits.Cut(snooze.Reason, TextLimits.ErrorMessage),
            Error = snooze.Reason is null ? null : Limited(new JobError(snooze.Reason, Code: JobErrorCodes.Snoozed)),
        };
    }

    private static RunEnd RetryOrFail(in AttemptFacts facts, JobError error, TimeSpan? after)
    {
        var run = facts.Run;
        if (run.Attempt >= run.MaxAttempts)
        {
            return Failed(run, error);
        }

        var jitter = facts.Options.BackoffJitter == 0 ? 0 : ((Random.Shared.NextDouble() * 2) - 1) * facts.Options.BackoffJitter;
        return new RunEnd(run.Key, RunEndKind.Retry)
        {
            Error = Limited(error),
            Delay = Clamp(after ?? (run.Backoff.After(run.Attempt) * (1 + jitter)), TimeSpan.Zero),
        };
    }

    private static RunEnd Failed(JobRun run, JobError error) => new(run.Key, RunEndKind.Failed) { Error = Limited(error) };

    private static JobError Limited(JobError error) => error with
    {
        Message = TextLimits.Cut(error.Message ?? "No reason was given.", TextLimits.ErrorMessage),
        Stack = error.Stack is null ? null : TextLimits.Cut(error.Stack, TextLimits.ErrorStack),
    };

    private static TimeSpan Clamp(TimeSpan delay, TimeSpan shortest) =>
        delay < shortest ? shortest : delay > LongestDelay ? LongestDelay : delay;
}
