using MailKit;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Listens on an SMTP connection for one thing: whether the mail itself has begun to go out. Before that a lost connection has sent nothing. Keeps nothing of
/// what it hears.
/// </summary>
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
        var sent = buffer.AsSpan(offset, count);
        MailBegun |= sent.StartsWith("DATA\r\n"u8) || sent.StartsWith("BDAT "u8);
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
    }

    public void Dispose()
    {
    }
}
