using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>Takes mail out of the house.</summary>
internal interface IMailTransport
{
    /// <summary>Sends a mail.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="mark">To step over before the server may take it.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="SendFailedException">The server has refused it.</exception>
    Task SendAsync(MimeMessage mail, SendingMark mark, CancellationToken cancellationToken);
}
