namespace WhiteCross.Jobs.Store;

/// <summary>Durations of attempts, counted by size: enough for percentiles, in a space that does not grow with the number of attempts.</summary>
public static class DurationBuckets
{
    private static readonly int[] UpTo =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 300_000, 600_000];

    /// <summary>How many there are; the last one takes what is longer than all others take.</summary>
    public static int Count => UpTo.Length + 1;

    /// <summary>The bucket of a duration.</summary>
    /// <param name="milliseconds">The duration.</param>
    public static int IndexOf(long milliseconds)
    {
        var index = Array.FindIndex(UpTo, bound => milliseconds <= bound);
        return index < 0 ? UpTo.Length : index;
    }

    /// <summary>The duration that a share of the attempts stayed within, in milliseconds, evenly spread within its bucket; null when there were none.</summary>
    /// <param name="counts">Attempts by bucket.</param>
    /// <param name="share">The share, for example 0.95.</param>
    public static double? Percentile(IReadOnlyList<long> counts, double share)
    {
        ArgumentNullException.ThrowIfNull(counts);

        var wanted = counts.Sum() * share;
        if (wanted <= 0)
        {
            return null;
        }

        for (var i = 0; i < UpTo.Length; i++)
        {
            if (wanted <= counts[i])
            {
                double from = i == 0 ? 0 : UpTo[i - 1];
                return Math.Round(from + ((UpTo[i] - from) * wanted / counts[i]), 1);
            }

            wanted -= counts[i];
        }

        return UpTo[^1];
    }
}
