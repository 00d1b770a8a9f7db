using Microsoft.Extensions.Options;
using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>How e-mail is sent. Section <c>Email</c>.</summary>
public sealed class EmailOptions : ProviderOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Email";

    /// <summary>The SMTP server. Default: none; mail is then written to <see cref="Folder"/> instead of being sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port, 1–65535. Default: 587, with <see cref="SmtpSecurity.Tls"/> 465, with <see cref="SmtpSecurity.None"/> 25.</summary>
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

    /// <summary>Where mail goes, as .eml files, without a <see cref="Host"/>; relative to the content root. Default: <c>mail</c> in the data directory.</summary>
    public string? Folder { get; set; }

    /// <summary>Where templates are: <c>{templateId}.html</c>, and beside it, if wanted, <c>.txt</c> and <c>.subject.txt</c>. Default: <c>templates</c> beside the program.</summary>
    public string? Templates { get; set; }

    /// <summary>At most so many connections to the server at once, 1–100. Default: 4.</summary>
    public int MaxConnections { get; set; } = 4;

    /// <summary>For how long an unused connection is kept, 1 s–10 min. Default: 30 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What to do when nobody can tell whether the server took a mail. Default: <see cref="OnUnknownOutcome.Fail"/>.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.Fail;

    internal int EffectivePort => Port ?? Security switch { SmtpSecurity.Tls => 465, SmtpSecurity.None => 25, _ => 587 };

    internal MailboxAddress Sender => From is null ? new MailboxAddress("White Cross", "no-reply@whitecross.invalid") : MailboxAddress.Parse(From);
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

/// <summary>Checks <see cref="EmailOptions"/> at start-up.</summary>
internal sealed class EmailOptionsValidator : IValidateOptions<EmailOptions>
{
    private const string Section = EmailOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, EmailOptions options)
    {
        string[] problems = [.. options.Problems(Section), .. Problems(options)];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(EmailOptions options)
    {
        if (options.Host is null && (options.Port ?? (object?)options.UserName ?? options.Password) is not null)
        {
            yield return $"{Section}:Host must be set when {Section}:Port, UserName or Password is.";
        }

        if (options.Host is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            yield return $"{Section}:Host must be a host name or an IP address, without a scheme or port.";
        }

        if (options.Port is < 1 or > 65_535)
        {
            yield return $"{Section}:Port must be from 1 to 65535.";
        }

        if (!Enum.IsDefined(options.Security) || !Enum.IsDefined(options.OnUnknownOutcome))
        {
            yield return $"{Section}:Security must be StartTls, Tls or None, and {Section}:OnUnknownOutcome Fail or SendAgain.";
        }

        if (options.CertificateAuthority is { } file && !File.Exists(file))
        {
            yield return $"{Section}:CertificateAuthority names a file that does not exist; it must be a PEM file.";
        }

        if (string.IsNullOrEmpty(options.UserName) != string.IsNullOrEmpty(options.Password))
        {
            yield return $"{Section}:UserName and {Section}:Password must be set together.";
        }

        if (options.From is null ? options.Host is not null : !MailboxAddress.TryParse(options.From, out var sender) || !sender.Address.Contains('@'))
        {
            yield return $"{Section}:From must be an e-mail address, like White Cross <no-reply@example.org>; it is required with {Section}:Host.";
        }

        if (options.Templates is { } templates && !Directory.Exists(templates))
        {
            yield return $"{Section}:Templates names a folder that does not exist.";
        }

        if (options.MaxConnections is < 1 or > 100)
        {
            yield return $"{Section}:MaxConnections must be from 1 to 100.";
        }

        if (options.IdleTimeout < TimeSpan.FromSeconds(1) || options.IdleTimeout > TimeSpan.FromMinutes(10))
        {
            yield return $"{Section}:IdleTimeout must be from 00:00:01 to 00:10:00.";
        }
    }
}
