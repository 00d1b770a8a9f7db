using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>One attempt.</summary>
public sealed partial class QueueWorker
{
    // The weight of the newest attempt in the running average of durations: recent enough to notice when jobs turn slow.
    private const double NewestWeight = 0.1;

    private async Task ExecuteAsync(RunningJob run)
    {
        var started = _time.GetTimestamp();
        RunEnd? end;
        using (var activity = JobTelemetry.StartAttempt(Queue, run.Run))
        {
            end = await InvokeAsync(run);
            if (end?.Error is { } error)
            {
                activity?.SetStatus(ActivityStatusCode.Error, error.Code);
            }
        }

        var duration = _time.GetElapsedTime(started);
        NoteDuration(duration);
        JobTelemetry.Ended(Queue, run.Run, OutcomeName(end), duration, run.Run.StartedAt - run.Run.ReadySince);
        End(run, end);
    }

    private async Task<RunEnd?> InvokeAsync(RunningJob run)
    {
        var job = run.Run;
        var jitter = _options.BackoffJitter == 0 ? 0 : ((Random.Shared.NextDouble() * 2) - 1) * _options.BackoffJitter;
        try
        {
            if (run.Cause != StopCause.None)
            {
                return AttemptRules.AfterThrow(job, new OperationCanceledException(), run.Cause, jitter);
            }

            var invoke = _handlers.Find(job.Type)
                ?? throw new PermanentJobException($"Queue '{Queue}' has no handler for jobs of type '{job.Type}'; it has {string.Join(", ", _handlers.JobTypes)}.");
            _timeouts.Add(run);
            await using var scope = _scopes.CreateAsyncScope();
            if (MayBeInvalid(job) && scope.ServiceProvider.GetService<JobEnvelopeReader>()?.ErrorsOf(job.Type, job.Data) is { } errors)
            {
                return AttemptRules.OfInvalidData(job, errors);
            }

            var info = new JobInfo(job.Key.JobId, Queue, job.Type, job.Priority, job.Attempt, job.MaxAttempts, job.CreatedAt) { Timeout = job.Timeout };
            var outcome = await invoke(scope.ServiceProvider, job.Data, info, run, run.Token);
            return AttemptRules.AfterReturn(job, outcome, run.Cause, jitter);
        }
#pragma warning disable CA1031 // Whatever a handler throws is an outcome of its attempt.
        catch (Exception exception)
        {
            var end = AttemptRules.AfterThrow(job, exception, run.Cause, jitter);
            if (end is { Error: not null })
            {
                LogAttemptFailed(Queue, job.Key.JobId, job.Type, job.Attempt, job.MaxAttempts, exception.GetType().Name);
            }

            return end;
        }
#pragma warning restore CA1031
        finally
        {
            _timeouts.Remove(run);
        }
    }

    // What is on record was valid when it was added, but for what came as an invalid event: that failed at once, and somebody has retried it. A job that is
    // ready since it was added is none of these, and is spared the second look.
    private static bool MayBeInvalid(JobRun job) => job.ReadySince != job.CreatedAt;

    private void NoteDuration(TimeSpan duration)
    {
        lock (_gate)
        {
            _averageMilliseconds = double.IsPositiveInfinity(_averageMilliseconds)
                ? duration.TotalMilliseconds
                : (_averageMilliseconds * (1 - NewestWeight)) + (duration.TotalMilliseconds * NewestWeight);
        }
    }

    private static string OutcomeName(RunEnd? end) => end?.Kind switch
    {
        null => "lost",
        RunEndKind.Completed => "completed",
        RunEndKind.Retry => "retried",
        RunEndKind.Failed => "failed",
        RunEndKind.Snoozed => "snoozed",
        _ => "released",
    };

    // The exception's text may hold what the handler worked on: it goes into the record, which is guarded, not into the log.
    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} ({JobType}) failed in attempt {Attempt} of {MaxAttempts}: {ExceptionType}")]
    private partial void LogAttemptFailed(string queue, string jobId, string jobType, int attempt, int maxAttempts, string exceptionType);
}
