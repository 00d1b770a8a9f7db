using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageCleanup;

/// <summary>How clean-ups run. Section <c>Cleanup</c>.</summary>
internal sealed class CleanupOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Cleanup";

    /// <summary>
    /// How long a clean-up runs at a stretch, in seconds, 1–3,600. Default: 300. After it the job makes way for others, and goes on where it was without
    /// having spent an attempt. Keep it below the queue's job timeout, which spends one.
    /// </summary>
    [Range(1, 3600)]
    public int RunSeconds { get; set; } = 300;

    /// <summary>What is younger than this is never removed, whatever a job asks for: 1 hour–10 years. Default: 1 day. A limit behind it is refused.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan MinimumAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Whether a clean-up that deletes may come as an event that somebody has published through a sidecar. Default: false; then it fails, and is to be added by
    /// the gateway, which knows who may. Dry runs may come either way.
    /// </summary>
    public bool AllowPublished { get; set; }

    /// <summary>How long to wait for an answer of a service, in seconds, 1–600. Default: 60.</summary>
    [Range(1, 600)]
    public int CallSeconds { get; set; } = 60;
}
