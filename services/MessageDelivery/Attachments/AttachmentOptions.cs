using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>How attachments are kept. Section <c>Attachments</c>.</summary>
public sealed class AttachmentOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Attachments";

    /// <summary>
    /// Where the files go, relative to the content root. Default: <c>attachments</c> in the data directory. Several instances need one directory that all
    /// of them reach.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The largest attachment in bytes, 1–1 GiB. Default: 10 MiB.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 10 * 1024 * 1024;
}
