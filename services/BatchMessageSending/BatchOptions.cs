using System.ComponentModel.DataAnnotations;

namespace WhiteCross.BatchMessageSending;

/// <summary>How batches are sent and followed. Section <c>Batch</c>.</summary>
internal sealed class BatchOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Batch";

    /// <summary>The Dapr state store that has the recipients, so that neither event nor workflow history carries them. Default: <c>statestore</c>.</summary>
    [Required]
    public string StateStore { get; set; } = "statestore";

    /// <summary>
    /// Chunks of one batch that are sent at the same time. 1–20. Default, null: one for a batch that pauses between its chunks, which keeps its pace, and
    /// two for one that does not, so that the next chunk is made while this one is on its way.
    /// </summary>
    [Range(1, 20)]
    public int? ParallelChunks { get; set; }

    /// <summary>How often the batch's job shows the workflow's progress. 50 ms–30 s. Default: 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:30")]
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the job of a paused batch looks whether it still is; a resumed one is told at once. 1 s–1 h. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PausedInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the workflow engine may take to answer before it counts as away. 1 s–1 minute. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan EngineTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the state store behind the sidecar may take to answer before it counts as away. 1 s–1 minute. Default: 30 s, more than the sidecar's own
    /// timeout and retries for it take.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan StateTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the workflow engine may be away, or answer without getting on, before a batch's job fails instead of waiting on. 1 s–30 days. Default: 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan EnginePatience { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a batch that has ended can be followed. 1 minute–365 days. Default: 7 days, as long as the tombstones of its messages' jobs.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long uploaded recipients wait for their batch to begin. 1 minute–365 days. Default: 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KeepUploads { get; set; } = TimeSpan.FromDays(7);
}
