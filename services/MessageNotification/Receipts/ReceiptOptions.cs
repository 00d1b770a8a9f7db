using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How reports of what became of notifications come in. Section <c>Receipts</c>. Without any of it only Twilio's own are taken, which it signs.</summary>
internal sealed class ReceiptOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Receipts";

    /// <summary>
    /// What a mail server's pipe, or a provider's webhook, has to show to bring receipts, at least 32 characters: as <c>Authorization: Bearer …</c>, or as the
    /// password of a basic authorization. Default: none, and nobody may.
    /// </summary>
    [StringLength(1_000, MinimumLength = 32)]
    public string? Key { get; set; }

    /// <summary>A maildir that mail servers' reports are delivered to; what was read is moved from its <c>new</c> to its <c>cur</c>. Default: none.</summary>
    public string? Maildir { get; set; }

    /// <summary>How often the maildir is looked into, 1 s–1 h. Default: 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaildirEvery { get; set; } = TimeSpan.FromMinutes(1);

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (Maildir is { Length: > 0 } folder && !(Directory.Exists(Path.Combine(folder, "new")) && Directory.Exists(Path.Combine(folder, "cur"))))
        {
            yield return $"{section}:Maildir must be a maildir: a folder with the folders new and cur in it.";
        }
    }
}
