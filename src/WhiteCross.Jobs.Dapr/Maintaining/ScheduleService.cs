using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Schedules;

namespace WhiteCross.Jobs.Dapr.Maintaining;

/// <summary>Looks every second what is due in the schedules of all queues.</summary>
internal sealed partial class ScheduleService(
    ScheduleRunner runner, IEnumerable<IScheduleSeed> seeds, TimeProvider time, ILogger<ScheduleService> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var unseeded = seeds.ToList();
        try
        {
            do
            {
                for (var i = unseeded.Count - 1; i >= 0; i--)
                {
                    if (await TryAsync(() => unseeded[i].SeedAsync(stoppingToken), unseeded[i].GetType().Name, stoppingToken))
                    {
                        unseeded.RemoveAt(i);
                    }
                }

                foreach (var queue in JobQueues.All)
                {
                    await TryAsync(() => RunDueAsync(queue.Name, stoppingToken), queue.Name, stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        if (await runner.RunDueAsync(queue, cancellationToken) is > 0 and var added)
        {
            LogAdded(queue, added);
        }
    }

    /// <summary>One queue's or seed's trouble is not another's.</summary>
    private async Task<bool> TryAsync(Func<Task> work, string name, CancellationToken stoppingToken)
    {
        try
        {
            await work();
            return true;
        }
#pragma warning disable CA1031 // Whatever it is: the others must go on.
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            LogFailed(exception, name);
            return false;
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} jobs of schedules were due and added")]
    private partial void LogAdded(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "The schedules of {Name} could not be looked at; they will be again")]
    private partial void LogFailed(Exception exception, string name);
}
