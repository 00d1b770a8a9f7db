using System.ComponentModel.DataAnnotations;

namespace WhiteCross.Jobs.Dapr;

/// <summary>How events are published through the sidecar, in the section <c>Publishing</c>. Checked at start-up.</summary>
public sealed class PublishingOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Publishing";

    /// <summary>
    /// How long the sidecar may take to answer a publish. Then its events count as not published: they stay owed on record and go out when it answers
    /// again. Default: 5 s. 100 ms–9 s, since a job that is handed out for publishing is handed out again after ten.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:09", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);
}
