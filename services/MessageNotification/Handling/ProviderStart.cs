using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Says at the start which channels reach nobody, since their settings were forgotten; and begins to measure the providers.</summary>
internal sealed partial class ProviderStart(
    IOptions<EmailOptions> email, IOptions<SmsOptions> sms, IOptions<PushOptions> push, ProviderTelemetry telemetry, ILogger<ProviderStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = telemetry;
        foreach (var problem in new[]
        {
            email.Value.Forgotten(EmailOptions.SectionName), sms.Value.Forgotten(SmsOptions.SectionName), push.Value.Forgotten(PushOptions.SectionName),
        })
        {
            if (problem is not null)
            {
                LogForgotten(problem);
            }
        }

        if (email.Value is { IsFolder: true, Folder: { } folder })
        {
            LogFolder(EmailOptions.SectionName, folder);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogForgotten(string problem);

    [LoggerMessage(LogLevel.Warning, "{Section}:Host is not set: the folder that mail is written to is {Folder}")]
    private partial void LogFolder(string section, string folder);
}
