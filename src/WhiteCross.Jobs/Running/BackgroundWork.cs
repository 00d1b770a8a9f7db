using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// What follows an end and must not hold it up: dead letters above all. Failing costs nothing here: what is not published stays owed on record, and the queue's
/// maintenance takes it up again.
/// </summary>
internal sealed partial class BackgroundWork(WorkerContext context)
{
    private readonly ConcurrentDictionary<Task, bool> _underWay = new();
    private readonly LogLimit _limit = new(context.Time);

    /// <summary>What is under way; for the drain, which waits for it.</summary>
    public IEnumerable<Task> UnderWay => _underWay.Keys;

    /// <summary>Begins something that nobody waits for, and whose failing is logged and nothing more.</summary>
    public void Start(Func<Task> work)
    {
        var task = TryAsync(work);
        if (!task.IsCompleted)
        {
            _underWay.TryAdd(task, true);
            _ = task.ContinueWith(done => _underWay.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // Whatever it is: the record knows what is still owed.
        catch (Exception exception)
        {
            if (_limit.Allows())
            {
                LogFailed(context.Logger, exception, context.Queue);
            }
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: dead letters or events could not be published; they stay owed on record and are tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string queue);
}
