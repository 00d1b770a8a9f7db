using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>The service that notifies people: by e-mail, SMS, push and in the app. The same app runs alone beside its sidecar, together with others in one process, and in tests.</summary>
internal static class MessageNotificationApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "message-notification";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5082.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5082");
        builder.Services.AddNotificationDatabase();
        builder.Services.AddInternalEndpoints();
        configure?.Invoke(builder);
        builder.AddUserAuthentication();
        builder.Services.AddNotificationChannels(builder.Configuration);
        builder.Services.AddReceipts();
        builder.AddJobStore();
        builder.Services.AddJobQueue(JobQueues.MessageNotification)
            .AddJob<SendNotificationJob, SendNotificationHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapNotifications();
        app.MapPreferences();
        app.MapRegistry();
        app.MapReceipts();
        app.MapUnsubscribe();
        app.MapInternalApi();
        return app;
    }
}
