using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Reads the reports that a mail server delivers to a maildir. What could not be entered stays and is read again.</summary>
internal sealed partial class Maildir(IOptions<ReceiptOptions> options, IServiceScopeFactory scopes, TimeProvider time, ILogger<Maildir> logger)
    : PeriodicService(options.Value.MaildirEvery, time)
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Maildir is not { Length: > 0 } folder)
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "new")).Order(StringComparer.Ordinal))
        {
            await ReadFileAsync(folder, file, cancellationToken);
        }
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception.GetType().Name);

    private async Task ReadFileAsync(string folder, string file, CancellationToken cancellationToken)
    {
        MimeMessage mail;
        try
        {
            mail = await MimeMessage.LoadAsync(file, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            // Another instance was faster.
            return;
        }
        catch (FormatException)
        {
            mail = new MimeMessage();
        }

        using (mail)
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<ReceiptBook>().TakeAsync(MailReports.Read(mail, Time.GetUtcNow()), cancellationToken);
        }

        // As maildir(5) has it: seen. Two that read the same have entered the same, which is no harm.
        try
        {
            File.Move(file, Path.Combine(folder, "cur", $"{Path.GetFileName(file)}:2,S"), overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Another instance was faster.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The maildir of receipts could not be read to its end ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
