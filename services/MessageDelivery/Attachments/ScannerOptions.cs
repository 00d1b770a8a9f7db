using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>A scanner that looks through attachments while they are uploaded: ClamAV's daemon, or what speaks its protocol. Section <c>AttachmentScanner</c>; without a host there is none.</summary>
internal sealed class ScannerOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "AttachmentScanner";

    /// <summary>The scanner's host. Left out: attachments are not scanned.</summary>
    [StringLength(255)]
    public string? Host { get; set; }

    /// <summary>Its TCP port, 1–65,535. Default: 3310.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 3310;

    /// <summary>How long it may take to connect, to take a part, and to give its verdict, 1 second–10 minutes each. Default: 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
