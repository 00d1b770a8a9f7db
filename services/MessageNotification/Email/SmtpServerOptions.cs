using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>An SMTP server, and how it is spoken to.</summary>
internal class SmtpServerOptions : ProviderOptions, ICheckedSettings
{
    /// <summary>Creates the settings with their defaults.</summary>
    public SmtpServerOptions() => AnswerTimeout = TimeSpan.FromMinutes(15);

    /// <summary>The SMTP server.</summary>
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

    internal int EffectivePort => Port ?? Security switch { SmtpSecurity.Tls => 465, SmtpSecurity.None => 25, _ => 587 };

    internal override string? Forgotten(string section) => string.IsNullOrEmpty(Host) ? $"{section}:Host is not set." : null;

    IEnumerable<string> ICheckedSettings.Problems(string section) => [.. ServerProblems(section), .. OwnProblems(section)];

    private protected virtual IEnumerable<string> OwnProblems(string section)
    {
        if (string.IsNullOrEmpty(Host))
        {
            yield return $"{section}:Host must be set: a server's name.";
        }
    }

    private IEnumerable<string> ServerProblems(string section)
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
    }
}

/// <summary>How a connection to an SMTP server is protected.</summary>
internal enum SmtpSecurity
{
    /// <summary>By STARTTLS, before anything else is said.</summary>
    StartTls,

    /// <summary>By TLS from the first byte.</summary>
    Tls,

    /// <summary>Not at all: for a server on the same machine or inside a mesh.</summary>
    None,
}
