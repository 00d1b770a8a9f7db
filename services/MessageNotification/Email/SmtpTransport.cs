using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>Sends mail by SMTP. A server's words are not repeated anywhere: they tend to hold the recipient's address.</summary>
internal sealed class SmtpTransport(SmtpConnections connections) : IMailTransport
{
    public async Task SendAsync(MimeMessage mail, SendingMark mark, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        var isGood = false;
        try
        {
            connection.Watch.Reset();
            await mark.BeginAsync(cancellationToken);
            await connection.Client.SendAsync(mail, cancellationToken);
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
            await mark.RetractAsync();
            throw;
        }
        finally
        {
            connections.Return(connection, isGood);
        }
    }

    private async Task<SmtpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connections.RentAsync(cancellationToken);
        }
        catch (AuthenticationException)
        {
            // Not the job's fault: it waits until somebody has put the password right.
            throw SendFailedException.Transient($"email: the mail server refused the log-in; check {EmailOptions.SectionName}:UserName and Password.");
        }
        catch (SslHandshakeException)
        {
            throw SendFailedException.Transient(
                $"email: the mail server's certificate is not trusted, or it speaks no TLS; check {EmailOptions.SectionName}:Security and CertificateAuthority.");
        }
        catch (NotSupportedException)
        {
            throw SendFailedException.Transient($"email: the mail server does not offer what {EmailOptions.SectionName}:Security or UserName ask for.");
        }
        catch (SmtpCommandException exception)
        {
            throw SendFailedException.Transient($"email: the mail server refused the connection with {(int)exception.StatusCode}.");
        }
        catch (Exception exception) when (exception is SocketException or IOException or SmtpProtocolException)
        {
            throw SendFailedException.Transient("email: the mail server could not be reached; nothing was sent.");
        }
    }

    private static SendFailedException Refused(SmtpCommandException exception)
    {
        var code = (int)exception.StatusCode;
        var what = exception.ErrorCode switch
        {
            SmtpErrorCode.RecipientNotAccepted => "recipientEmail: the mail server refused the recipient",
            SmtpErrorCode.SenderNotAccepted => $"email: the mail server refused the sender, {EmailOptions.SectionName}:From,",
            _ => "email: the mail server refused the mail",
        };
        return code >= 500
            ? SendFailedException.Permanent($"{what} with {code}.")
            : SendFailedException.Transient($"{what} for now with {code}.", providerAtFault: exception.StatusCode == SmtpStatusCode.ServiceNotAvailable);
    }
}
