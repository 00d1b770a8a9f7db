using System.Globalization;
using Microsoft.Extensions.Options;
using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>The SMTP servers in their order, each with connections of its own.</summary>
internal sealed class SmtpServers : IAsyncDisposable
{
    private readonly SmtpTransport[] _all;

    public SmtpServers(IOptions<EmailOptions> options, TimeProvider time)
    {
        var returnPath = options.Value.ReturnPath is { } set ? MailboxAddress.Parse(set) : null;
        _all =
        [
            new SmtpTransport(EmailOptions.SectionName, returnPath, new SmtpConnections(options.Value, time), time),
            .. options.Value.Others.Select((other, index) => new SmtpTransport(
                string.Create(CultureInfo.InvariantCulture, $"{EmailOptions.SectionName}:Others:{index}"), returnPath, new SmtpConnections(other, time), time)),
        ];
    }

    public IReadOnlyList<IMailTransport> All => _all;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _all)
        {
            await server.DisposeAsync();
        }
    }
}
