using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// The line in front of a queue's slots. The most urgent goes first; within one level the one that came first. Ageing: for every
/// <c>ageing</c> that something has waited it counts as one level more urgent, up to CRITICAL, and among equals the one that came first wins. So
/// whatever comes in later, something LOW waits at most three times the ageing plus its turn behind what was there before. Not thread-safe.
/// </summary>
/// <typeparam name="T">What waits.</typeparam>
/// <param name="ageing">How long it takes to count as one level more urgent.</param>
public sealed class PriorityGate<T>(TimeSpan ageing)
{
    // From the least to the most urgent, so that the index is the level.
    private readonly Queue<Entry>[] _levels = [new(), new(), new(), new()];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts something in line.</summary>
    /// <param name="item">What waits.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="now">The present time, as a timestamp that only grows.</param>
    public void Enqueue(T item, JobPriority priority, TimeSpan now)
    {
        _levels[LevelOf(priority)].Enqueue(new Entry(item, now));
        Count++;
    }

    /// <summary>Takes the next in line.</summary>
    /// <param name="now">The present time, as a timestamp that only grows.</param>
    /// <param name="item">What was next.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryTake(TimeSpan now, out T item)
    {
        Queue<Entry>? best = null;
        var bestLevel = -1;
        var bestSince = TimeSpan.MaxValue;

        // Only heads compete: behind a head stand only younger ones of its level.
        for (var level = _levels.Length - 1; level >= 0; level--)
        {
            if (_levels[level].TryPeek(out var head))
            {
                var effective = (int)Math.Min(_levels.Length - 1, level + ((now - head.Since).Ticks / ageing.Ticks));
                if (effective > bestLevel || (effective == bestLevel && head.Since < bestSince))
                {
                    (best, bestLevel, bestSince) = (_levels[level], effective, head.Since);
                }
            }
        }

        if (best is null)
        {
            item = default!;
            return false;
        }

        item = best.Dequeue().Item;
        Count--;
        return true;
    }

    /// <summary>Takes something that has been in line since before a time, whatever its level.</summary>
    /// <param name="before">The time, as a timestamp.</param>
    /// <param name="item">What was taken.</param>
    /// <returns>False when all that waits came later.</returns>
    public bool TryTakeFromBefore(TimeSpan before, out T item)
    {
        foreach (var level in _levels)
        {
            if (level.TryPeek(out var head) && head.Since < before)
            {
                item = level.Dequeue().Item;
                Count--;
                return true;
            }
        }

        item = default!;
        return false;
    }

    private static int LevelOf(JobPriority priority) => priority switch
    {
        >= JobPriority.Critical => 3,
        >= JobPriority.High => 2,
        >= JobPriority.Normal => 1,
        _ => 0,
    };

    private readonly record struct Entry(T Item, TimeSpan Since);
}
