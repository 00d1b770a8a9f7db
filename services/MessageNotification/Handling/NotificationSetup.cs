using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Registers the channels and what each needs.</summary>
internal static partial class NotificationSetup
{
    public static void AddNotificationChannels(this IServiceCollection services)
    {
        services.AddEmail();
        services.AddSms();
        services.AddPush();
        services.TryAddSingleton<ILiveNotifications, HubNotifications>();
        services.AddScoped<INotificationChannel, InAppChannel>();
        services.AddScoped<SendNotificationHandler>();
    }

    private static void AddEmail(this IServiceCollection services)
    {
        services.AddProvider<EmailOptions>(EmailOptions.SectionName, NotificationType.Email, "mail server");
        services.AddOptions<EmailOptions>().PostConfigure<IConfiguration, IHostEnvironment, ServiceDatabase>((options, configuration, environment, database) =>
            options.Folder = options.Folder is { Length: > 0 } set ? Path.GetFullPath(set, environment.ContentRootPath)
                : database.IsPostgres ? null
                : Path.GetFullPath(Path.Combine(ServiceDatabase.DirectoryOf(configuration, environment.ContentRootPath), "mail")));
        services.AddSingleton<SmtpConnections>();
        services.AddSingleton<SmtpTransport>();
        services.AddSingleton<FolderTransport>();
        services.AddSingleton<IMailTransport>(provider => IsSmtp(provider)
            ? provider.GetRequiredService<SmtpTransport>()
            : provider.GetRequiredService<FolderTransport>());
        services.AddHostedService<MailStart>();
        services.AddSingleton<EmailTemplates>();
        services.AddSingleton<EmailComposer>();
        services.AddScoped<INotificationChannel, EmailChannel>();
    }

    private static void AddSms(this IServiceCollection services)
    {
        services.AddProvider<SmsOptions>(SmsOptions.SectionName, NotificationType.Sms, "SMS provider");
        services.AddSingleton(_ => PhoneNumberUtil.GetInstance());
        services.AddProviderClient<TwilioClient>();
        services.AddScoped<INotificationChannel, SmsChannel>();
    }

    private static void AddPush(this IServiceCollection services)
    {
        services.AddProvider<PushOptions>(PushOptions.SectionName, NotificationType.Push, "push provider");
        services.AddHttpClient(nameof(ServiceAccount)).RemoveAllLoggers();
        services.AddSingleton<ServiceAccountSource>();
        services.AddProviderClient<FcmClient>();
        services.AddScoped<INotificationChannel, PushChannel>();
    }

    private static void AddProvider<TOptions>(this IServiceCollection services, string section, NotificationType channel, string provider)
        where TOptions : ProviderOptions
    {
        services.AddSettings<TOptions>(section);
        services.AddKeyedSingleton(channel, (own, _) =>
            new ProviderGuard(provider, own.GetRequiredService<IOptions<TOptions>>().Value, own.GetRequiredService<TimeProvider>()));
    }

    // The time limit is the guard's; redirects would carry a body, and its key, to somewhere else.
    private static void AddProviderClient<TClient>(this IServiceCollection services)
        where TClient : class =>
        services.AddHttpClient<TClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .RemoveAllLoggers();

    private static bool IsSmtp(IServiceProvider services) => !string.IsNullOrEmpty(services.GetRequiredService<IOptions<EmailOptions>>().Value.Host);

    /// <summary>Says at the start where mail goes, where no server is configured.</summary>
    private sealed partial class MailStart(IOptions<EmailOptions> options, ILogger<MailStart> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (!options.Value.IsConfigured)
            {
                LogNone(EmailOptions.SectionName);
            }
            else if (string.IsNullOrEmpty(options.Value.Host))
            {
                LogFolder(EmailOptions.SectionName, options.Value.Folder!);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(LogLevel.Warning, "{Section}:Host is not set: e-mail is not sent but written to {Folder}, as .eml files.")]
        private partial void LogFolder(string section, string folder);

        [LoggerMessage(LogLevel.Warning, "{Section}:Host is not set: e-mail cannot be sent, its jobs fail.")]
        private partial void LogNone(string section);
    }
}
