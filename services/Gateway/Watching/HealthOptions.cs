using System.ComponentModel.DataAnnotations;

namespace WhiteCross.Gateway;

/// <summary>From when on a queue counts as degraded or unhealthy. Section <c>Health</c>.</summary>
internal sealed class HealthOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Health";

    /// <summary>The share of jobs of the last hour that may fail: 0–1. Above it a queue is unhealthy. Default: 0.1.</summary>
    [Range(0d, 1d)]
    public double MaxFailureRate { get; set; } = 0.1;


    /// <summary>Failed jobs above which a queue is degraded. Default: 100.</summary>
    [Range(0, int.MaxValue)]
    public int MaxFailed { get; set; } = 100;

    /// <summary>Waiting jobs above which a queue is degraded. Default: 1000.</summary>
    [Range(0, int.MaxValue)]
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>How long a job may wait while none runs before the queue counts as not processing. 1 s–1 day. Default: 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxIdle { get; set; } = TimeSpan.FromMinutes(1);
}
