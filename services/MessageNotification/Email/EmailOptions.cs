using System.Globalization;
using MimeKit;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How e-mail is sent. Section <c>Email</c>. Without <see cref="SmtpServerOptions.Host"/> and <see cref="Folder"/>, e-mail jobs fail and say so.</summary>
internal sealed class EmailOptions : SmtpServerOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Email";

    /// <summary>Who the mail is from, for example <c>White Cross &lt;no-reply@example.org&gt;</c>. Required with <see cref="SmtpServerOptions.Host"/>.</summary>
    public string? From { get; set; }

    /// <summary>Where answers go. Default: to <see cref="From"/>.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>Where mail servers report to what they could not deliver: the mailbox that <c>Receipts</c> reads. Default: <see cref="From"/>.</summary>
    public string? ReturnPath { get; set; }

    /// <summary>
    /// Where mail goes, as .eml files, without a <see cref="SmtpServerOptions.Host"/>; relative to the content root. Default: <c>mail</c> in the data
    /// directory; none where the notifications are in PostgreSQL: nobody would find mail in a file there, and its jobs would say that it was sent.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>Where templates are: <c>{templateId}.html</c>, and beside it, if wanted, <c>.txt</c> and <c>.subject.txt</c>. Default: <c>templates</c> beside the program.</summary>
    public string? Templates { get; set; }

    /// <summary>What to do when nobody can tell whether the server took a mail. Default: <see cref="OnUnknownOutcome.Fail"/>.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.Fail;

    /// <summary>Further servers, in the order in which they take the place of one that is away. Default: none.</summary>
    public IList<SmtpServerOptions> Others { get; } = [];

    internal bool IsConfigured => !string.IsNullOrEmpty(Host) || !string.IsNullOrEmpty(Folder);

    /// <summary>Whether mail goes to a folder instead of a server.</summary>
    internal bool IsFolder => string.IsNullOrEmpty(Host) && !string.IsNullOrEmpty(Folder);

    internal override string? Forgotten(string section) =>
        !IsConfigured ? $"{section}:Host is not set: e-mail cannot be sent, its jobs fail."
        : IsFolder ? $"{section}:Host is not set: e-mail is not sent but written to a folder, as .eml files, and its jobs say stored."
        : null;

    internal MailboxAddress Sender => From is null ? new MailboxAddress("White Cross", "no-reply@whitecross.invalid") : MailboxAddress.Parse(From);

    private protected override IEnumerable<string> OwnProblems(string section)
    {
        if (From is null ? Host is not null : !IsAddress(From))
        {
            yield return $"{section}:From must be an e-mail address, like White Cross <no-reply@example.org>; it is required with {section}:Host.";
        }

        if (ReplyTo is { } replyTo && !IsAddress(replyTo))
        {
            yield return $"{section}:ReplyTo must be an e-mail address, like Front desk <desk@example.org>.";
        }

        if (ReturnPath is { } returnPath && !IsAddress(returnPath))
        {
            yield return $"{section}:ReturnPath must be an e-mail address, like bounces@example.org.";
        }

        if (Templates is { } templates && !Directory.Exists(templates))
        {
            yield return $"{section}:Templates names a folder that does not exist.";
        }

        if (string.IsNullOrEmpty(Host) && Folder is { Length: > 0 } folder && !WritableDirectory.TryCreate(folder))
        {
            yield return $"{section}:Folder cannot be written to; name a folder that the service may write to, or set {section}:Host.";
        }

        if (string.IsNullOrEmpty(Host) && Others.Count > 0)
        {
            yield return $"{section}:Host must be set when {section}:Others is: it is the first of the list.";
        }

        foreach (var problem in Others.SelectMany((other, index) => SettingsRules.Problems(string.Create(CultureInfo.InvariantCulture, $"{section}:Others:{index}"), other)))
        {
            yield return problem;
        }
    }

    private static bool IsAddress(string text) => MailboxAddress.TryParse(text, out var address) && address.Address.Contains('@', StringComparison.Ordinal);
}
