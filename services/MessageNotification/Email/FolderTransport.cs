using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Writes mail to a folder, one .eml file each, where no server is configured. The same mail again is the same file.</summary>
internal sealed class FolderTransport(IOptions<EmailOptions> options) : IMailTransport
{
    public async Task SendAsync(MimeMessage mail, SendingMark mark, CancellationToken cancellationToken)
    {
        var file = Path.Combine(options.Value.Folder!, $"{mail.MessageId!.Split('@')[0]}.eml");
        var half = $"{file}.{Guid.NewGuid():N}.part";
        await using (var written = WritableDirectory.CreateFile(half))
        {
            await mail.WriteToAsync(written, cancellationToken);
        }

        File.Move(half, file, overwrite: true);
    }
}
