using MailKit;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Listens on an SMTP connection for one thing: the server's go-ahead for the mail itself (354). Before that nothing can have been sent. It listens to the
/// server, since what the client sends is told only after it has gone, and not at all when the client is cancelled right then. Keeps nothing of what it
/// hears.
/// </summary>
/// <remarks>A server says go ahead to DATA only: connections that are watched do not use BDAT.</remarks>
internal sealed class DataWatch : IProtocolLogger
{
    public bool MailBegun { get; private set; }

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void Reset() => MailBegun = false;

    public void LogConnect(Uri uri)
    {
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
    }

    // No other reply to a mail's commands begins with 3. Should one be cut in two just before a 3, a mail not sent counts as unknown: the safe side.
    public void LogServer(byte[] buffer, int offset, int count) => MailBegun |= count > 0 && buffer[offset] == '3';

    public void Dispose()
    {
    }
}
