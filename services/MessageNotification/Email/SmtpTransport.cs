using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>Sends mail by SMTP. A server's words are not repeated anywhere: they tend to hold the recipient's address.</summary>
internal sealed partial class SmtpTransport(string section, MailboxAddress? returnPath, SmtpConnections connections, TimeProvider time) : IMailTransport, IAsyncDisposable
{
    public async Task SendAsync(MimeMessage mail, SendingMark mark, CancellationToken cancellationToken)
    {
        if (!await connections.TakeSlotAsync(cancellationToken))
        {
            throw new SendFailedException(new SendFailure(SendFailureKind.NotTried, "email: all connections to the mail server are busy; this waits for its turn."));
        }

        var connection = await ConnectAsync(cancellationToken);
        var isGood = false;
        try
        {
            using var step = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var clock = new CancellationTokenSource(SmtpSteps.Command, time);
            await using var registration = clock.Token.UnsafeRegister(static one => ((CancellationTokenSource)one!).Cancel(), step);
            connection.Watch.Begin(clock);
            await mark.BeginAsync(cancellationToken);
            await (returnPath is null
                ? connection.Client.SendAsync(mail, step.Token)
                : connection.Client.SendAsync(mail, returnPath, mail.To.Mailboxes, step.Token));
            isGood = true;
        }
        catch (SmtpCommandException exception)
        {
            isGood = exception.StatusCode != SmtpStatusCode.ServiceNotAvailable;
            throw Refused(exception);
        }
        catch (NotSupportedException)
        {
            isGood = true;
            throw SendFailedException.Permanent("email: the mail server does not take such addresses (SMTPUTF8).");
        }
        catch (Exception) when (!connection.Watch.MailBegun)
        {
            mark.Retract();
            throw;
        }
        finally
        {
            connection.Watch.End();
            connections.Return(connection, isGood);
        }
    }

    private async Task<SmtpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connections.OpenAsync(cancellationToken);
        }
        catch (AuthenticationException)
        {
            // Not the job's fault: it waits until somebody has put the password right.
            throw SendFailedException.Unavailable($"email: the mail server refused the log-in; check {section}:UserName and Password.");
        }
        catch (SslHandshakeException)
        {
            throw SendFailedException.Unavailable(
                $"email: the mail server's certificate is not trusted, or it speaks no TLS; check {section}:Security and CertificateAuthority.");
        }
        catch (NotSupportedException)
        {
            throw SendFailedException.Unavailable($"email: the mail server does not offer what {section}:Security or UserName ask for.");
        }
        catch (SmtpCommandException exception)
        {
            // Whatever it refuses before a mail is named, it refuses us, and never a recipient.
            throw SendFailedException.Unavailable(
                (int)exception.StatusCode >= 500
                    ? $"email: the mail server refused this service with {(int)exception.StatusCode}; check {section}:LocalDomain, UserName and Host."
                    : $"email: the mail server refused the connection for now with {(int)exception.StatusCode}.");
        }
        catch (Exception exception) when (exception is SocketException or IOException or SmtpProtocolException or OperationCanceledException)
        {
            throw SendFailedException.Unavailable("email: the mail server could not be reached; nothing was sent.");
        }
    }

    private SendFailedException Refused(SmtpCommandException exception)
    {
        var code = (int)exception.StatusCode;
        if (IsOurs(exception))
        {
            return SendFailedException.Unavailable(
                $"email: the mail server refused this service, not the recipient, with {code}; check {section}:UserName, Password and LocalDomain.");
        }

        var what = exception.ErrorCode switch
        {
            SmtpErrorCode.RecipientNotAccepted => "recipientEmail: the mail server refused the recipient",
            SmtpErrorCode.SenderNotAccepted => $"email: the mail server refused the sender, {EmailOptions.SectionName}:From,",
            _ => "email: the mail server refused the mail",
        };
        if (code >= 500 && exception.ErrorCode == SmtpErrorCode.RecipientNotAccepted && NoSuchAddress().Match(exception.Message) is { Success: true } noSuch)
        {
            // The same as a bounce, only sooner.
            throw new SendFailedException(new SendFailure(SendFailureKind.Permanent, $"{what} with {code} {noSuch.Value}: there is no such address.") { BouncedAs = noSuch.Value });
        }

        return code >= 500
            ? SendFailedException.Permanent($"{what} with {code}.")
            : SendFailedException.Unavailable($"{what} for now with {code}.", providerAtFault: exception.StatusCode == SmtpStatusCode.ServiceNotAvailable);
    }

    // Log-in asked for or refused (530, 534, 535, 538), and servers that tell only at RCPT that they did not like the EHLO.
    private static bool IsOurs(SmtpCommandException exception) =>
        (int)exception.StatusCode is 530 or 534 or 535 or 538 || ((int)exception.StatusCode >= 500 && Helo().IsMatch(exception.Message));

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    [GeneratedRegex(@"\A5\.1\.[1236]\b|\A5\.1\.10\b|\A5\.2\.1\b")]
    private static partial Regex NoSuchAddress();

    [GeneratedRegex(@"\b(helo|ehlo) command rejected\b|\binvalid (helo|ehlo)\b|\b(helo|ehlo) name\b", RegexOptions.IgnoreCase)]
    private static partial Regex Helo();
}
