using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageNotification;

/// <summary>What is the same for every provider: how long one send may take, how fast it may be asked, and when it counts as away.</summary>
internal abstract class ProviderOptions
{
    /// <summary>
    /// How long a run of a job waits for one send, 100 ms–5 min. Default: 15 s, within the job's 20. A send that takes longer goes on, and a later run of the
    /// job learns what came of it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a send may take in all before its outcome counts as unknown, 1 s–1 h. Default: 2 min; for e-mail 15 min, see <see cref="SmtpSteps"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>At most so many sends a second, of all instances of the service together, above 0 and at most 10,000. Default: without limit.</summary>
    [Range(0d, 10_000d, MinimumIsExclusive = true)]
    public double? PerSecond { get; set; }

    /// <summary>The circuit breaker opens when so great a part of the sends fails through the provider's fault, above 0 and at most 1. Default: 0.5.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>It takes at least so many sends within <see cref="BreakerSamplingDuration"/> to open, 2–10,000. Default: 3.</summary>
    [Range(2, 10_000)]
    public int BreakerMinimumThroughput { get; set; } = 3;

    /// <summary>Over which time failures are counted, 500 ms–1 h. Default: 2 min, so that also few sends a minute are seen to fail.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long it stays open before a single send tries the provider, 500 ms–1 h; twice as long after each try that fails. Default: 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest time between two such tries, 1 s–1 h. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What is missing for the channel to reach anybody, and what follows from that; null when nothing is.</summary>
    /// <param name="section">The section's name.</param>
    internal abstract string? Forgotten(string section);
}
