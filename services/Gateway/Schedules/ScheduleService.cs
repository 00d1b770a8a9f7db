using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Looks every second what is due in the schedules of all queues. One that cannot be looked at, be it a seed, a queue or a schedule, stops no other; it is
/// told once and tried again.
/// </summary>
internal sealed partial class ScheduleService(
    ScheduleRunner runner, IEnumerable<IScheduleSeed> seeds, TimeProvider time, ILogger<ScheduleService> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // Seeds are put there again and again: a Redis that has lost its data has lost the schedules of the settings, too.
    private static readonly TimeSpan SeedEvery = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        long? seeded = null;
        do
        {
            if (seeded is not { } since || time.GetElapsedTime(since) >= SeedEvery)
            {
                seeded = time.GetTimestamp();
                foreach (var seed in seeds)
                {
                    await GuardAsync($"the seed {seed.GetType().Name}", () => seed.SeedAsync(stoppingToken), stoppingToken);
                }
            }

            foreach (var queue in JobQueues.All)
            {
                await GuardAsync($"the schedules of {queue.Name}", () => RunDueAsync(queue.Name, stoppingToken), stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        HashSet<string> failed = new(StringComparer.Ordinal);
        var added = await runner.RunDueAsync(
            queue,
            (schedule, exception) =>
            {
                var what = $"schedule {queue}/{schedule.Id}";
                failed.Add(what);
                Fail(what, exception);
            },
            cancellationToken);
        _failing.RemoveWhere(what => what.StartsWith($"schedule {queue}/", StringComparison.Ordinal) && !failed.Contains(what));
        if (added > 0)
        {
            LogAdded(queue, added);
        }
    }

    private async Task GuardAsync(string what, Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work();
            _failing.Remove(what);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            Fail(what, exception);
        }
    }

    private void Fail(string what, Exception exception)
    {
        if (_failing.Add(what))
        {
            LogFailed(exception, what);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} jobs of schedules were due and added")]
    private partial void LogAdded(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Schedules: {What} could not be looked at; it is tried again until it can be")]
    private partial void LogFailed(Exception exception, string what);
}
