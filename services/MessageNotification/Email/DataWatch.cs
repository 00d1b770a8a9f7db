using MailKit;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Listens on an SMTP connection for one thing: the server's go-ahead for the mail itself (354). Before that nothing can have been sent. It listens to the
/// server, since what the client sends is told only after it has gone, and not at all when the client is cancelled right then. Keeps nothing of what it
/// hears. It also winds the clock of the step up again whenever the dialogue goes on.
/// </summary>
/// <remarks>A server says go ahead to DATA only: connections that are watched do not use BDAT.</remarks>
internal sealed class DataWatch : IProtocolLogger
{
    private CancellationTokenSource? _step;

    public bool MailBegun { get; private set; }

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    /// <summary>A mail begins.</summary>
    /// <param name="step">Fires when a step takes too long; each step of the dialogue winds it up again.</param>
    public void Begin(CancellationTokenSource step) => (MailBegun, _step) = (false, step);

    /// <summary>The mail is over.</summary>
    public void End() => _step = null;

    public void LogConnect(Uri uri)
    {
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        if (MailBegun)
        {
            _step?.CancelAfter(SmtpSteps.Data);
        }
    }

    // No other reply to a mail's commands begins with 3. Should one be cut in two just before a 3, a mail not sent counts as unknown: the safe side.
    public void LogServer(byte[] buffer, int offset, int count)
    {
        MailBegun |= count > 0 && buffer[offset] == '3';
        _step?.CancelAfter(MailBegun ? SmtpSteps.Data : SmtpSteps.Command);
    }

    public void Dispose()
    {
    }
}
