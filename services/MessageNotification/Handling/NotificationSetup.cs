using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Registers the channels and what each needs.</summary>
internal static class NotificationSetup
{
    public static void AddNotificationChannels(this IServiceCollection services)
    {
        services.AddSettings<NotificationOptions>(NotificationOptions.SectionName);
        services.AddSingleton<SendsInFlight>();
        services.AddSingleton<ProviderPace>();
        services.AddSingleton<ProviderTelemetry>();
        services.AddHostedService<ProviderStart>();
        services.AddEmail();
        services.AddSms();
        services.AddPush();
        services.TryAddSingleton<ILiveNotifications, HubNotifications>();
        services.AddScoped<INotificationChannel, InAppChannel>();
        services.AddScoped<SendNotificationHandler>();
    }

    private static void AddEmail(this IServiceCollection services)
    {
        services.AddProvider<EmailOptions>(EmailOptions.SectionName, NotificationType.Email, "email", "the mail server");
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
        services.AddSingleton<EmailTemplates>();
        services.AddSingleton<EmailComposer>();
        services.AddScoped<INotificationChannel, EmailChannel>();
    }

    private static void AddSms(this IServiceCollection services)
    {
        services.AddProvider<SmsOptions>(SmsOptions.SectionName, NotificationType.Sms, "sms", "the SMS provider");
        services.AddSingleton(_ => PhoneNumberUtil.GetInstance());
        services.AddProviderClient<TwilioClient>();
        services.AddScoped<INotificationChannel, SmsChannel>();
    }

    private static void AddPush(this IServiceCollection services)
    {
        services.AddProvider<PushOptions>(PushOptions.SectionName, NotificationType.Push, "push", "the push provider");
        services.AddHttpClient(nameof(ServiceAccount)).RemoveAllLoggers();
        services.AddSingleton<ServiceAccountSource>();
        services.AddProviderClient<FcmClient>();
        services.AddScoped<INotificationChannel, PushChannel>();
    }

    private static void AddProvider<TOptions>(this IServiceCollection services, string section, NotificationType channel, string name, string words)
        where TOptions : ProviderOptions
    {
        services.AddSettings<TOptions>(section);
        services.AddKeyedSingleton(channel, (own, _) =>
            new ProviderGuard(
                name,
                words,
                own.GetRequiredService<IOptions<TOptions>>().Value,
                own.GetRequiredService<ProviderPace>(),
                own.GetRequiredService<TimeProvider>(),
                own.GetRequiredService<ILogger<ProviderGuard>>()));
        services.AddSingleton(own => own.GetRequiredKeyedService<ProviderGuard>(channel));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"provider:{name}",
            own => new ProviderHealthCheck(
                own.GetRequiredKeyedService<ProviderGuard>(channel),
                own.GetRequiredService<IHostEnvironment>().IsDevelopment() ? null : own.GetRequiredService<IOptions<TOptions>>().Value.Forgotten(section)),
            HealthStatus.Degraded,
            [ServiceHealth.ReadyTag]));
    }

    // The time limit is the send's; redirects would carry a body, and its key, to somewhere else.
    private static void AddProviderClient<TClient>(this IServiceCollection services)
        where TClient : class =>
        services.AddHttpClient<TClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .RemoveAllLoggers();

    private static bool IsSmtp(IServiceProvider services) => !string.IsNullOrEmpty(services.GetRequiredService<IOptions<EmailOptions>>().Value.Host);
}
