using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Looks every second what is due in the schedules of all queues. One that cannot be looked at, be it a seed, a queue or a schedule, stops no other; it is
/// told once and tried again.
/// </summary>
internal sealed partial class ScheduleService(
    ScheduleRunner runner, IEnumerable<IScheduleSeed> seeds, TimeProvider time, ILogger<ScheduleService> logger)
    : StorePeriodicService(TimeSpan.FromSeconds(1), time)
{
    // Seeds are put there again and again: a Redis that has lost its data has lost the schedules of the settings, too.
    private static readonly TimeSpan SeedEvery = TimeSpan.FromSeconds(10);

    private long? _seeded;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_seeded is not { } since || Time.GetElapsedTime(since) >= SeedEvery)
        {
            _seeded = Time.GetTimestamp();
            foreach (var seed in seeds)
            {
                await GuardAsync($"the seed {seed.GetType().Name}", seed.SeedAsync, cancellationToken);
            }
        }

        foreach (var queue in JobQueues.All)
        {
            await GuardAsync($"the schedules of {queue.Name}", token => RunDueAsync(queue.Name, token), cancellationToken);
        }
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception, what);

    private async Task RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        HashSet<string> failed = new(StringComparer.Ordinal);
        var added = await runner.RunDueAsync(
            queue,
            (schedule, exception) =>
            {
                var what = $"schedule {queue}/{schedule.Id}";
                failed.Add(what);
                Tell(what, exception);
            },
            cancellationToken);
        Recovered(what => what.StartsWith($"schedule {queue}/", StringComparison.Ordinal) && !failed.Contains(what));
        if (added > 0)
        {
            LogAdded(queue, added);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} jobs of schedules were due and added")]
    private partial void LogAdded(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Schedules: {What} could not be looked at; it is tried again until it can be")]
    private partial void LogFailed(Exception exception, string what);
}
