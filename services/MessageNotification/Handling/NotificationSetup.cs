using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Registers the channels and what each needs.</summary>
internal static class NotificationSetup
{
    public static void AddNotificationChannels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<NotificationOptions>(NotificationOptions.SectionName);
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton<SendsInFlight>();
        services.AddSingleton<ProviderPace>();
        services.AddSingleton<ProviderTelemetry>();
        services.AddHostedService<ProviderStart>();
        services.AddEmail(Others(configuration, EmailOptions.SectionName));
        services.AddSms(Others(configuration, SmsOptions.SectionName));
        services.AddPush();
        services.TryAddSingleton<ILiveNotifications, HubNotifications>();
        services.AddScoped<INotificationChannel, InAppChannel>();
        services.AddScoped<Recipients>();
        services.AddScoped<Objections>();
        services.AddScoped<NotificationClaims>();
        services.AddScoped<DigestMails>();
        services.AddScoped<Escalation>();
        services.AddScoped<RemovedMessages>();
        services.AddJobSealing();
        services.AddScoped<PersonStore>();
        services.AddScoped<SendNotificationHandler>();
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
    }

    public static void AddReceipts(this IServiceCollection services)
    {
        services.AddSettings<ReceiptOptions>(ReceiptOptions.SectionName);
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<UnsubscribeLinks>();
        services.AddSingleton<TwilioReceipts>();
        services.AddScoped<JobReceipts>();
        services.AddScoped<ReceiptBook>();
        services.AddHostedService<Maildir>();
    }

    // How many there are has to be known before they are read: each has a health check of its own.
    private static int Others(IConfiguration configuration, string section) => configuration.GetSection($"{section}:{nameof(EmailOptions.Others)}").GetChildren().Count();

    private static void AddEmail(this IServiceCollection services, int others)
    {
        services.AddProvider<EmailOptions>(EmailOptions.SectionName, NotificationType.Email, "email", "the mail server");
        services.AddOtherProviders<EmailOptions>(NotificationType.Email, "email", "the mail server", others, options => [.. options.Others]);
        services.AddOptions<EmailOptions>().PostConfigure<IConfiguration, IHostEnvironment, ServiceDatabase>((options, configuration, environment, database) =>
            options.Folder = options.Folder is { Length: > 0 } set ? Path.GetFullPath(set, environment.ContentRootPath)
                : database.IsPostgres ? null
                : Path.GetFullPath(Path.Combine(ServiceDatabase.DirectoryOf(configuration, environment.ContentRootPath), "mail")));
        services.AddSingleton<FolderTransport>();
        services.AddSingleton<SmtpServers>();
        services.AddSingleton(own =>
        {
            var options = own.GetRequiredService<IOptions<EmailOptions>>().Value;
            var servers = own.GetRequiredService<SmtpServers>();
            return new ProviderChain<IMailTransport>(string.IsNullOrEmpty(options.Host)
                ? [new("folder", own.GetRequiredKeyedService<ProviderGuard>(NotificationType.Email), own.GetRequiredService<FolderTransport>())]
                : [
                    new(options.Host, own.GetRequiredKeyedService<ProviderGuard>(NotificationType.Email), servers.All[0]),
                    .. options.Others.Select((other, index) =>
                        new ProviderLink<IMailTransport>(other.Host!, own.GetRequiredKeyedService<ProviderGuard>(OtherKey(NotificationType.Email, index)), servers.All[index + 1])),
                ]);
        });
        services.AddSingleton<EmailTemplates>();
        services.AddSingleton<EmailComposer>();
        services.AddScoped<INotificationChannel, EmailChannel>();
    }

    private static void AddSms(this IServiceCollection services, int others)
    {
        services.AddProvider<SmsOptions>(SmsOptions.SectionName, NotificationType.Sms, "sms", "the SMS provider");
        services.AddOtherProviders<SmsOptions>(NotificationType.Sms, "sms", "the SMS gateway", others, options => [.. options.Others]);
        services.AddSingleton(_ => PhoneNumberUtil.GetInstance());
        services.AddProviderClient(nameof(TwilioClient));
        services.AddProviderClient(SmsGateway.ClientName);
        services.AddSingleton<TwilioClient>();
        services.AddSingleton(own =>
        {
            var options = own.GetRequiredService<IOptions<SmsOptions>>().Value;
            ProviderLink<ISmsProvider>[] twilio = options.IsTwilio
                ? [new("twilio", own.GetRequiredKeyedService<ProviderGuard>(NotificationType.Sms), own.GetRequiredService<TwilioClient>())]
                : [];
            return new ProviderChain<ISmsProvider>(
            [
                .. twilio,
                .. options.Others.Select((other, index) => new ProviderLink<ISmsProvider>(
                    other.NameOnRecord,
                    own.GetRequiredKeyedService<ProviderGuard>(OtherKey(NotificationType.Sms, index)),
                    new SmsGateway(
                        string.Create(CultureInfo.InvariantCulture, $"{SmsOptions.SectionName}:Others:{index}"),
                        other,
                        own.GetRequiredService<IHttpClientFactory>(),
                        own.GetRequiredService<TimeProvider>()))),
            ]);
        });
        services.AddScoped<INotificationChannel, SmsChannel>();
    }

    private static void AddPush(this IServiceCollection services)
    {
        services.AddProvider<PushOptions>(PushOptions.SectionName, NotificationType.Push, "push", "the push provider");
        services.AddHttpClient(nameof(ServiceAccount)).RemoveAllLoggers();
        services.AddSingleton<ServiceAccountSource>();
        services.AddProviderClient(nameof(FcmClient)).AddTypedClient<FcmClient>();
        services.AddScoped<INotificationChannel, PushChannel>();
    }

    private static void AddProvider<TOptions>(this IServiceCollection services, string section, NotificationType channel, string name, string words)
        where TOptions : ProviderOptions
    {
        services.AddSettings<TOptions>(section);
        services.AddGuard(channel, name, words, own => own.GetRequiredService<IOptions<TOptions>>().Value, section);
    }

    // Named like the first, with their place: email-2, email-3.
    private static void AddOtherProviders<TOptions>(
        this IServiceCollection services, NotificationType channel, string name, string words, int count, Func<TOptions, IReadOnlyList<ProviderOptions>> others)
        where TOptions : ProviderOptions
    {
        for (var i = 0; i < count; i++)
        {
            var index = i;
            services.AddGuard(
                OtherKey(channel, index),
                string.Create(CultureInfo.InvariantCulture, $"{name}-{index + 2}"),
                words,
                own => others(own.GetRequiredService<IOptions<TOptions>>().Value)[index],
                section: null);
        }
    }

    private static string OtherKey(NotificationType channel, int index) => string.Create(CultureInfo.InvariantCulture, $"{channel}-{index}");

    private static void AddGuard(this IServiceCollection services, object key, string name, string words, Func<IServiceProvider, ProviderOptions> options, string? section)
    {
        services.AddKeyedSingleton(key, (own, _) =>
            new ProviderGuard(
                name, words, options(own), own.GetRequiredService<ProviderPace>(), own.GetRequiredService<TimeProvider>(), own.GetRequiredService<ILogger<ProviderGuard>>()));
        services.AddSingleton(own => own.GetRequiredKeyedService<ProviderGuard>(key));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"provider:{name}",
            own => new ProviderHealthCheck(
                own.GetRequiredKeyedService<ProviderGuard>(key),
                section is null || own.GetRequiredService<IHostEnvironment>().IsDevelopment() ? null : options(own).Forgotten(section)),
            HealthStatus.Degraded,
            [ServiceHealth.ReadyTag]));
    }

    // The time limit is the send's; redirects would carry a body, and its key, to somewhere else.
    private static IHttpClientBuilder AddProviderClient(this IServiceCollection services, string name) =>
        services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .RemoveAllLoggers();
}
