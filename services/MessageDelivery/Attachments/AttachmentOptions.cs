using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>How attachments are kept. Section <c>Attachments</c>.</summary>
internal sealed class AttachmentOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Attachments";

    /// <summary>
    /// A directory for their files, relative to the content root; several instances need one that all of them reach. Default: none where the messages are
    /// in PostgreSQL, which then keeps the attachments too; with SQLite <c>attachments</c> in the data directory.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The largest attachment in bytes, 1–1 GiB. Default: 10 MiB.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>How large all attachments of one user may be together, in bytes, 1–1 TiB. Default: 1 GiB. They go with their retention.</summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxBytesPerUser { get; set; } = 1024L * 1024 * 1024;
}
