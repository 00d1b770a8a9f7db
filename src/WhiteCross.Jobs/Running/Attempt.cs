using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>Makes attempts: a scope, the timeout, filters, the handler, and the outcome. Whatever goes wrong in it is the end of that attempt.</summary>
internal sealed partial class Attempt(WorkerContext context, JobHandlerTable handlers, IServiceScopeFactory scopes, RunTimeouts timeouts)
{
    /// <returns>How the run ends; null when its job went on without it.</returns>
    public async Task<RunEnd?> MakeAsync(RunningJob run)
    {
        using var activity = JobTelemetry.StartAttempt(context.Queue, run.Run);
        var end = await InvokeAsync(run);
        if (end?.Error is { } error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Code);
        }

        return end;
    }

    private async Task<RunEnd?> InvokeAsync(RunningJob run)
    {
        var job = run.Run;
        AsyncServiceScope? scope = null;
        try
        {
            if (run.StopCause != StopCause.None)
            {
                return AttemptRules.AfterThrow(run.Facts, new OperationCanceledException());
            }

            var invoke = handlers.Find(job.Type)
                ?? throw new PermanentJobException($"Queue '{context.Queue}' has no handler for jobs of type '{job.Type}'; it has {string.Join(", ", handlers.JobTypes)}.");
            timeouts.Add(run);
            scope = scopes.CreateAsyncScope();
            var services = scope.Value.ServiceProvider;
            if (MayBeInvalid(job) && services.GetService<JobEnvelopeReader>()?.ErrorsOf(job.Type, job.Data) is { } errors)
            {
                return run.Decided = AttemptRules.OfInvalidData(job, errors);
            }

            var info = new JobInfo(job.Key.JobId, context.Queue, job.Type, job.Priority, job.Attempt, job.MaxAttempts, job.CreatedAt) { Timeout = job.Timeout, SnoozedSince = job.SnoozedSince, AddedBy = job.AddedBy };
            var outcome = await (invoke(services, job.Data, info, run, run.Token)
                ?? throw new InvalidOperationException($"The handler of '{job.Type}' returned null instead of a task."));
            return run.Decided = AttemptRules.AfterReturn(run.Facts, outcome);
        }
#pragma warning disable CA1031 // Whatever a handler throws is an outcome of its attempt.
        catch (Exception exception)
        {
            var end = AttemptRules.AfterThrow(run.Facts, exception);
            if (end is { Error: not null })
            {
                LogAttemptFailed(context.Logger, context.Queue, job.Key.JobId, job.Type, job.Attempt, job.MaxAttempts, exception.GetType().Name);
            }

            return run.Decided = end;
        }
#pragma warning restore CA1031
        finally
        {
            await DisposeAsync(scope, job);
            timeouts.Remove(run);
        }
    }

    /// <summary>What the attempt came to stands, also when something of its scope cannot be cleared away.</summary>
    private async ValueTask DisposeAsync(AsyncServiceScope? scope, JobRun job)
    {
        try
        {
            if (scope is { } services)
            {
                await services.DisposeAsync();
            }
        }
#pragma warning disable CA1031 // See above.
        catch (Exception exception)
        {
            LogDisposeFailed(context.Logger, context.Queue, job.Key.JobId, job.Type, exception.GetType().Name);
        }
#pragma warning restore CA1031
    }

    // What is on record was valid when it was added, but for what came as an invalid event: that failed at once, and somebody has retried it. A job that is
    // ready since it was added is none of these, and is spared the second look.
    private static bool MayBeInvalid(JobRun job) => job.ReadySince != job.CreatedAt;

    // The exception's text may hold what the handler worked on: it goes into the record, which is guarded, not into the log.
    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} ({JobType}) failed in attempt {Attempt} of {MaxAttempts}: {ExceptionType}")]
    private static partial void LogAttemptFailed(ILogger logger, string queue, string jobId, string jobType, int attempt, int maxAttempts, string exceptionType);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: what job {JobId} ({JobType}) used could not be disposed of: {ExceptionType}; its outcome stands")]
    private static partial void LogDisposeFailed(ILogger logger, string queue, string jobId, string jobType, string exceptionType);
}
