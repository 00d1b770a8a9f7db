using System.Collections.Concurrent;
using System.Globalization;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// The steps and notes of a run. While the store is in trouble they are tried again: a step that has had its effect must get on record, or the next attempt
/// has the effect a second time.
/// </summary>
internal sealed class RunSteps(RunningJob run, WorkerContext context)
{
    // An error that is no outage, such as a command that the store may not run, does not pass by waiting.
    private const int MostRefusals = 5;

    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _own = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? _earlier;

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_own.TryGetValue(name, out var own))
        {
            return own;
        }

        // Not `? result : null`: a null would become an empty memory, which an array converts to, and pass for a result.
        return await EarlierAsync(mayStop: true, cancellationToken) is { } earlier && earlier.TryGetValue(name, out var result) ? result : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Makes sure that a step of this name can be kept, before it has any effect.</summary>
    /// <exception cref="PermanentJobException">The job has as many steps as it may have.</exception>
    public void EnsureRoom(string name)
    {
        var isKnown = _own.ContainsKey(name) || (_earlier?.ContainsKey(name) ?? false);
        var known = _earlier is null ? _own.Count : _own.Keys.Count(own => !_earlier.ContainsKey(own)) + _earlier.Count;
        if (!isKnown && known >= JobStoreRules.MaxSteps)
        {
            throw TooMany();
        }
    }

    public async ValueTask SaveAsync(string name, ReadOnlyMemory<byte> result)
    {
        // Not with the token that ended the attempt: the step has had its effect, and only what is on record keeps it from being repeated.
        await EarlierAsync(mayStop: false, CancellationToken.None);
        EnsureRoom(name);
        var report = new RunReport(run.Run.Key) { Step = name, StepResult = result };
        var states = await CallAsync(_ => context.Store.ReportAsync(context.Queue, [report], CancellationToken.None), mayStop: false, CancellationToken.None);
        if (states[0] == LeaseState.Lost)
        {
            run.Stop(StopCause.LeaseLost);
            throw new JobLeaseLostException();
        }

        if (states[0] == LeaseState.TooManySteps)
        {
            throw TooMany();
        }

        _own[name] = result;
    }

    private static PermanentJobException TooMany() => new(string.Create(
        CultureInfo.InvariantCulture,
        $"A job has at most {JobStoreRules.MaxSteps:N0} steps and notes, and this one has them all. Gather several pieces of work in one step, or split the job."));

    private async ValueTask<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>?> EarlierAsync(bool mayStop, CancellationToken cancellationToken) => !run.Run.HasRunBefore
        ? null
        : _earlier ??= await CallAsync(token => context.Store.GetStepsAsync(context.Queue, run.Run.Key.JobId, token), mayStop, cancellationToken);

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, bool mayStop, CancellationToken cancellationToken)
    {
        using var wait = run.WaitForStore();
        var refusals = 0;
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await call(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !context.Stopping.IsCancellationRequested)
            {
                run.NoteStoreTrouble();
                if (run.StopCause == StopCause.LeaseLost)
                {
                    throw new JobLeaseLostException();
                }

                if (!StorePause.IsOutage(exception) && ++refusals >= MostRefusals)
                {
                    throw new JobStoreUnavailableException("The job store refuses to keep or to read the job's steps.", exception);
                }
            }

            if (mayStop)
            {
                cancellationToken.ThrowIfCancellationRequested();
                run.Token.ThrowIfCancellationRequested();
            }

            await Task.Delay(StorePause.After(failures), context.Time, context.Stopping);
        }
    }
}
