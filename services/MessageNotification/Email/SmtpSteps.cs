namespace WhiteCross.MessageNotification;

/// <summary>How long each step of an SMTP dialogue may take, as RFC 5321 4.5.3.2 has them.</summary>
internal static class SmtpSteps
{
    /// <summary>Until the server's machine answers at all; TCP itself would try for minutes.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(30);

    /// <summary>The greeting, and every command up to DATA.</summary>
    public static readonly TimeSpan Command = TimeSpan.FromMinutes(5);

    /// <summary>From the go-ahead on, and from each block of the mail, to the next block or the answer.</summary>
    public static readonly TimeSpan Data = TimeSpan.FromMinutes(10);

    /// <summary>Whether an idle connection still stands.</summary>
    public static readonly TimeSpan Alive = TimeSpan.FromSeconds(10);
}
