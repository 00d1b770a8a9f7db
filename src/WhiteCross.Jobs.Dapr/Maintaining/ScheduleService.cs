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
        var isSeeded = false;
        do
        {
            try
            {
                if (!isSeeded)
                {
                    foreach (var seed in seeds)
                    {
                        await seed.SeedAsync(stoppingToken);
                    }

                    isSeeded = true;
                }

                foreach (var queue in JobQueues.All)
                {
                    if (await runner.RunDueAsync(queue.Name, stoppingToken) is > 0 and var added)
                    {
                        LogAdded(queue.Name, added);
                    }
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} jobs of schedules were due and added")]
    private partial void LogAdded(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "The schedules could not be looked at; they will be again")]
    private partial void LogFailed(Exception exception);
}
