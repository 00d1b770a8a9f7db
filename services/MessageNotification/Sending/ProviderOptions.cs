using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageNotification;

/// <summary>What is the same for every provider: how long one send may take, and when the provider counts as away.</summary>
public abstract class ProviderOptions
{
    /// <summary>How long one send may take, 100 ms–5 min. Default: 15 s, within the job's 20.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The circuit breaker opens when so great a part of the sends fails through the provider's fault, above 0 and at most 1. Default: 0.5.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>It takes at least so many sends within <see cref="BreakerSamplingDuration"/> to open, 2–10,000. Default: 5.</summary>
    [Range(2, 10_000)]
    public int BreakerMinimumThroughput { get; set; } = 5;

    /// <summary>Over which time failures are counted, 500 ms–1 h. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before one send may try, 500 ms–1 h; jobs are put off for so long without costing an attempt. Default: 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);
}
