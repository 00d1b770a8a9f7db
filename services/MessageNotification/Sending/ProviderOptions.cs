namespace WhiteCross.MessageNotification;

/// <summary>What is the same for every provider: how long one send may take, and when the provider counts as away.</summary>
public abstract class ProviderOptions
{
    /// <summary>How long one send may take, 100 ms–5 min. Default: 15 s, within the job's 20.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The circuit breaker opens when so great a part of the sends fails through the provider's fault, above 0 and at most 1. Default: 0.5.</summary>
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>It takes at least so many sends within <see cref="BreakerSamplingDuration"/> to open, 2–10,000. Default: 5.</summary>
    public int BreakerMinimumThroughput { get; set; } = 5;

    /// <summary>Over which time failures are counted, 500 ms–1 h. Default: 30 s.</summary>
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before one send may try, 500 ms–1 h; jobs are put off for so long without costing an attempt. Default: 15 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Names what is wrong with the settings.</summary>
    /// <param name="section">The section they are in.</param>
    internal IEnumerable<string> Problems(string section)
    {
        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5))
        {
            yield return $"{section}:{nameof(Timeout)} must be from 00:00:00.1 to 00:05:00.";
        }

        if (BreakerFailureRatio is not (> 0 and <= 1))
        {
            yield return $"{section}:{nameof(BreakerFailureRatio)} must be above 0 and at most 1.";
        }

        if (BreakerMinimumThroughput is < 2 or > 10_000)
        {
            yield return $"{section}:{nameof(BreakerMinimumThroughput)} must be from 2 to 10000.";
        }

        foreach (var (name, value) in new[] { (nameof(BreakerSamplingDuration), BreakerSamplingDuration), (nameof(BreakDuration), BreakDuration) })
        {
            if (value < TimeSpan.FromMilliseconds(500) || value > TimeSpan.FromHours(1))
            {
                yield return $"{section}:{name} must be from 00:00:00.5 to 01:00:00.";
            }
        }
    }
}
