using System.Diagnostics;
using StackExchange.Redis;

namespace WhiteCross.Bench.Batch;

/// <summary>Looks at the process's memory and at the workflow's history while a batch is being sent.</summary>
internal sealed class Probe(IDatabase database)
{
    private long _before; // The first batch: later ones find the memory of those before them.

    /// <summary>By how much the working set grew at most, in bytes.</summary>
    public long Growth { get; private set; }

    /// <summary>The largest history that was seen, in bytes.</summary>
    public long LargestHistory { get; private set; }

    public async Task WatchAsync(Guid batchId, Task end)
    {
        GC.Collect();
        if (_before == 0)
        {
            _before = WorkingSet();
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!end.IsCompleted && await timer.WaitForNextTickAsync())
        {
            Growth = Math.Max(Growth, WorkingSet() - _before);
            var history = await database.ListRangeAsync($"{{batch-message-sending||workflow}}||{batchId}||history");
            LargestHistory = Math.Max(LargestHistory, history.Sum(entry => entry.Length()));
        }

        await end;
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
