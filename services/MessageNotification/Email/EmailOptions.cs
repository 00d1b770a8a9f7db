using System.ComponentModel.DataAnnotations;
using MimeKit;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How e-mail is sent. Section <c>Email</c>. Without <see cref="Host"/> and <see cref="Folder"/>, e-mail jobs fail and say so.</summary>
public sealed class EmailOptions : ProviderOptions, ICheckedSettings
{
    /// <summary>Creates the settings with their defaults.</summary>
    public EmailOptions() => AnswerTimeout = TimeSpan.FromMinutes(15);

    /// <summary>The section's name.</summary>
    public const string SectionName = "Email";

    /// <summary>The SMTP server. Default: none; mail is then written to <see cref="Folder"/> instead of being sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port, 1–65535. Default: 587, with <see cref="SmtpSecurity.Tls"/> 465, with <see cref="SmtpSecurity.None"/> 25.</summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }

    /// <summary>How the connection is protected. Default: <see cref="SmtpSecurity.StartTls"/>; a server that does not offer it gets nothing.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>A PEM file with a certificate authority to trust besides the system's, for servers inside the house. Default: none.</summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>Whom to log in as. Default: nobody; set together with <see cref="Password"/>.</summary>
    public string? UserName { get; set; }

    /// <summary>The password.</summary>
    public string? Password { get; set; }

    /// <summary>Who the mail is from, for example <c>White Cross &lt;no-reply@example.org&gt;</c>. Required with <see cref="Host"/>.</summary>
    public string? From { get; set; }

    /// <summary>Where answers go. Default: to <see cref="From"/>.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>
    /// Where mail goes, as .eml files, without a <see cref="Host"/>; relative to the content root. Default: <c>mail</c> in the data directory; none where
    /// the notifications are in PostgreSQL: nobody would find mail in a file there, and its jobs would say that it was sent.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>Where templates are: <c>{templateId}.html</c>, and beside it, if wanted, <c>.txt</c> and <c>.subject.txt</c>. Default: <c>templates</c> beside the program.</summary>
    public string? Templates { get; set; }

    /// <summary>
    /// The name that the service gives itself in EHLO: the fully qualified name of the machine that the server sees, or an address like [192.0.2.1]. Default:
    /// the machine's own name where that is fully qualified, otherwise its address.
    /// </summary>
    public string? LocalDomain { get; set; }

    /// <summary>At most so many connections to the server at once, 1–100. Default: 4.</summary>
    [Range(1, 100)]
    public int MaxConnections { get; set; } = 4;

    /// <summary>For how long an unused connection is kept, 1 s–10 min. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What to do when nobody can tell whether the server took a mail. Default: <see cref="OnUnknownOutcome.Fail"/>.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.Fail;

    internal bool IsConfigured => !string.IsNullOrEmpty(Host) || !string.IsNullOrEmpty(Folder);

    /// <summary>Whether mail goes to a folder instead of a server.</summary>
    internal bool IsFolder => string.IsNullOrEmpty(Host) && !string.IsNullOrEmpty(Folder);

    internal override string? Forgotten(string section) =>
        !IsConfigured ? $"{section}:Host is not set: e-mail cannot be sent, its jobs fail."
        : IsFolder ? $"{section}:Host is not set: e-mail is not sent but written to a folder, as .eml files, and its jobs say stored."
        : null;

    internal int EffectivePort => Port ?? Security switch { SmtpSecurity.Tls => 465, SmtpSecurity.None => 25, _ => 587 };

    internal MailboxAddress Sender => From is null ? new MailboxAddress("White Cross", "no-reply@whitecross.invalid") : MailboxAddress.Parse(From);

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (Host is null && (Port ?? (object?)UserName ?? Password) is not null)
        {
            yield return $"{section}:Host must be set when {section}:Port, UserName or Password is.";
        }

        if (Host is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            yield return $"{section}:Host must be a host name or an IP address, without a scheme or port.";
        }

        if (CertificateAuthority is { } file && !File.Exists(file))
        {
            yield return $"{section}:CertificateAuthority names a file that does not exist; it must be a PEM file.";
        }

        if (string.IsNullOrEmpty(UserName) != string.IsNullOrEmpty(Password))
        {
            yield return $"{section}:UserName and {section}:Password must be set together.";
        }

        if (LocalDomain is { } local && !(local.StartsWith('[') && local.EndsWith(']')) && !(Uri.CheckHostName(local) == UriHostNameType.Dns && local.Contains('.', StringComparison.Ordinal)))
        {
            yield return $"{section}:LocalDomain must be a fully qualified name, like app1.example.org, or an address in brackets, like [192.0.2.1].";
        }

        if (From is null ? Host is not null : !MailboxAddress.TryParse(From, out var sender) || !sender.Address.Contains('@'))
        {
            yield return $"{section}:From must be an e-mail address, like White Cross <no-reply@example.org>; it is required with {section}:Host.";
        }

        if (ReplyTo is { } replyTo && (!MailboxAddress.TryParse(replyTo, out var answers) || !answers.Address.Contains('@', StringComparison.Ordinal)))
        {
            yield return $"{section}:ReplyTo must be an e-mail address, like Front desk <desk@example.org>.";
        }

        if (Templates is { } templates && !Directory.Exists(templates))
        {
            yield return $"{section}:Templates names a folder that does not exist.";
        }

        if (string.IsNullOrEmpty(Host) && Folder is { Length: > 0 } folder && !WritableDirectory.TryCreate(folder))
        {
            yield return $"{section}:Folder cannot be written to; name a folder that the service may write to, or set {section}:Host.";
        }
    }
}

/// <summary>How a connection to an SMTP server is protected.</summary>
public enum SmtpSecurity
{
    /// <summary>By STARTTLS, before anything else is said.</summary>
    StartTls,

    /// <summary>By TLS from the first byte.</summary>
    Tls,

    /// <summary>Not at all: for a server on the same machine or inside a mesh.</summary>
    None,
}
