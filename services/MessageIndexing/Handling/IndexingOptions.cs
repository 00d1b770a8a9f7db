using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageIndexing;

/// <summary>How events are gathered into transactions. Section <c>Indexing</c>.</summary>
internal sealed class IndexingOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Indexing";

    /// <summary>The most events in one transaction. Default: 500. 1–10,000.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 500;

    /// <summary>
    /// How long the first event waits for others to share its transaction, in milliseconds. Default: 5; 0 takes only those that have come already.
    /// 0–1000.
    /// </summary>
    [Range(0, 1000)]
    public int GatherMilliseconds { get; set; } = 5;
}
