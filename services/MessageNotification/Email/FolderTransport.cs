using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Writes mail to a folder, one .eml file each, where no server is configured. The same mail again is the same file.</summary>
internal sealed partial class FolderTransport : IMailTransport
{
    private readonly string _folder;
    private readonly ILogger _logger;

    public FolderTransport(IOptions<EmailOptions> options, IConfiguration configuration, IHostEnvironment environment, ILogger<FolderTransport> logger)
    {
        var data = configuration[ServiceDatabase.DirectorySetting] is { Length: > 0 } set ? set : "data";
        _folder = Path.GetFullPath(options.Value.Folder ?? Path.Combine(data, "mail"), environment.ContentRootPath);
        _logger = logger;
    }

    /// <summary>Makes the folder, and says that mail goes there.</summary>
    public void Start()
    {
        Directory.CreateDirectory(_folder);
        LogFolder(EmailOptions.SectionName, _folder);
    }

    public async Task SendAsync(MimeMessage mail, SendingMark mark, CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder, $"{mail.MessageId!.Split('@')[0]}.eml");
        var half = $"{file}.{Guid.NewGuid():N}.part";
        await mail.WriteToAsync(half, cancellationToken);
        File.Move(half, file, overwrite: true);
    }

    [LoggerMessage(LogLevel.Warning, "{Section}:Host is not set: e-mail is not sent but written to {Folder}, as .eml files.")]
    private partial void LogFolder(string section, string folder);
}
