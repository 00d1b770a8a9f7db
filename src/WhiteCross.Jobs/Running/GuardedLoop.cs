using Microsoft.Extensions.Logging;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Runs a loop of the worker so that nothing ends it but the worker's own end: an error is logged, and the loop goes on. Its first steps are the caller's, so
/// that its timers run from when the worker has been started, and not from when a thread is free.
/// </summary>
internal static partial class GuardedLoop
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="name">What the loop does, for the log.</param>
    /// <param name="context">The worker.</param>
    /// <param name="loop">The loop; started again after an error, until it returns.</param>
    public static async Task RunAsync(string name, WorkerContext context, Func<Task> loop)
    {
        var limit = new LogLimit(context.Time);
        while (true)
        {
            try
            {
                await loop();
                return;
            }
            catch (OperationCanceledException) when (context.Stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is: a queue whose loops have ended is dead without anybody noticing.
            catch (Exception exception)
            {
                if (limit.Allows())
                {
                    LogLoopFailed(context.Logger, exception, context.Queue, name);
                }
            }
#pragma warning restore CA1031

            await Task.Delay(Pause, context.Time, context.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: an error in the worker's loop that {Loop}; it goes on")]
    private static partial void LogLoopFailed(ILogger logger, Exception exception, string queue, string loop);
}
