using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>Why a run's cancellation token fired.</summary>
public enum StopCause
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The attempt ran longer than the job's timeout.</summary>
    Timeout,

    /// <summary>Somebody cancelled the job.</summary>
    Cancelled,

    /// <summary>The process shuts down.</summary>
    Shutdown,

    /// <summary>The lease is lost: the job went on without this run.</summary>
    LeaseLost,
}

/// <summary>The one table that turns what happened in an attempt into what goes on record.</summary>
public static class AttemptRules
{
    private static readonly TimeSpan ShortestSnooze = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(JobBackoff.MaxDelay);

    /// <summary>Decides how a run ends that its handler ended by returning.</summary>
    /// <param name="run">The run.</param>
    /// <param name="outcome">What the handler returned.</param>
    /// <param name="cause">Why the run's token fired, if it did. A handler that finished all the same is believed.</param>
    /// <param name="jitter">The share by which a back-off is changed, for example −0.1 … 0.1; 0 for none.</param>
    /// <returns>The end to put on record; null when the run has lost its lease and may write nothing.</returns>
    public static RunEnd? AfterReturn(JobRun run, JobOutcome outcome, StopCause cause, double jitter) => (outcome, cause) switch
    {
        (_, StopCause.LeaseLost) => null,
        (JobOutcome.Completed completed, _) => new RunEnd(run.Key, RunEndKind.Completed) { Result = SerializeResult(completed.Result) },
        (JobOutcome.Fail fail, _) => Failed(run, new JobError(fail.Reason, Code: JobErrorCodes.Permanent)),
        (JobOutcome.Cancel cancel, _) => Failed(run, new JobError(cancel.Reason, Code: JobErrorCodes.Cancelled)),
        (_, not StopCause.None) => AfterStop(run, cause, exception: null, jitter),
        (JobOutcome.Snooze snooze, _) => new RunEnd(run.Key, RunEndKind.Snoozed)
        {
            Delay = Clamp(snooze.For, ShortestSnooze),
            Error = snooze.Reason is null ? null : Limited(new JobError(snooze.Reason)),
        },
        (JobOutcome.Retry retry, _) => RetryOrFail(run, new JobError(retry.Reason), retry.After, jitter),
        _ => throw new InvalidOperationException($"A handler of '{run.Type}' returned no outcome."),
    };

    /// <summary>How a run ends whose data no handler may see.</summary>
    /// <param name="run">The run.</param>
    /// <param name="errors">What is wrong with the data, without a value.</param>
    public static RunEnd OfInvalidData(JobRun run, string errors) => Failed(run, new JobError(errors, Code: JobErrorCodes.Invalid));

    /// <summary>Decides how a run ends that its handler ended by throwing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="exception">What it threw.</param>
    /// <param name="cause">Why the run's token fired, if it did.</param>
    /// <param name="jitter">The share by which a back-off is changed; 0 for none.</param>
    /// <returns>The end to put on record; null when the run has lost its lease and may write nothing.</returns>
    public static RunEnd? AfterThrow(JobRun run, Exception exception, StopCause cause, double jitter)
    {
        if (exception is JobLeaseLostException)
        {
            return null;
        }

        if (exception is PermanentJobException)
        {
            return cause == StopCause.LeaseLost ? null : Failed(run, ErrorOf(exception, JobErrorCodes.Permanent));
        }

        return cause == StopCause.None
            ? RetryOrFail(run, ErrorOf(exception, JobErrorCodes.Handler), after: null, jitter)
            : AfterStop(run, cause, exception, jitter);
    }

    /// <summary>A result as it goes on record: JSON of at most 64 KiB, or a marked cut of it.</summary>
    /// <param name="result">What the handler returned.</param>
    public static ReadOnlyMemory<byte> SerializeResult(object? result)
    {
        if (result is null)
        {
            return default;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(result, result.GetType(), JsonSerializerOptions.Web);
        return json.Length <= TextLimits.Result
            ? json
            : JsonSerializer.SerializeToUtf8Bytes(
                new CutResult(true, json.Length, $"The result is larger than {TextLimits.Result} bytes and was not kept."), JsonSerializerOptions.Web);
    }

    private static RunEnd? AfterStop(JobRun run, StopCause cause, Exception? exception, double jitter) => cause switch
    {
        StopCause.LeaseLost => null,
        StopCause.Cancelled => Failed(run, new JobError("The job was cancelled.", Code: JobErrorCodes.Cancelled)),
        StopCause.Shutdown => new RunEnd(run.Key, RunEndKind.Released),
        _ => RetryOrFail(
            run,
            new JobError(
                $"The attempt ran longer than its timeout of {run.Timeout.TotalSeconds:0.###} s.", exception?.StackTrace, JobErrorCodes.Timeout),
            after: null,
            jitter),
    };

    private static RunEnd RetryOrFail(JobRun run, JobError error, TimeSpan? after, double jitter)
    {
        if (run.Attempt >= run.MaxAttempts)
        {
            return Failed(run, error);
        }

        var pause = after ?? (run.Backoff.After(run.Attempt) * (1 + jitter));
        return new RunEnd(run.Key, RunEndKind.Retry) { Error = Limited(error), Delay = Clamp(pause, TimeSpan.Zero) };
    }

    private static RunEnd Failed(JobRun run, JobError error) => new(run.Key, RunEndKind.Failed) { Error = Limited(error) };

    private static JobError ErrorOf(Exception exception, string code) =>
        new($"{exception.GetType().Name}: {exception.Message}", exception.StackTrace, code);

    private static JobError Limited(JobError error) => error with
    {
        Message = TextLimits.Cut(error.Message, TextLimits.ErrorMessage),
        Stack = error.Stack is null ? null : TextLimits.Cut(error.Stack, TextLimits.ErrorStack),
    };

    private static TimeSpan Clamp(TimeSpan delay, TimeSpan shortest) =>
        delay < shortest ? shortest : delay > LongestDelay ? LongestDelay : delay;

    private sealed record CutResult(bool Truncated, int Bytes, string Note);
}
