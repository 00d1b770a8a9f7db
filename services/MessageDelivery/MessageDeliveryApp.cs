using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>The service that delivers messages. The same app runs alone beside its sidecar, together with others in one process, and in tests.</summary>
internal static class MessageDeliveryApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "message-delivery";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5081.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5081");
        builder.Services.AddMessageDatabase();
        builder.Services.AddLiveMessages();
        builder.Services.AddInternalEndpoints();
        configure?.Invoke(builder);
        builder.AddUserAuthentication();
        builder.Services.AddMessageHandling();
        builder.Services.AddAttachments();
        builder.Services.AddCleanups();
        builder.Services.AddPeople();
        builder.AddLiveScaleOut();
        builder.AddJobStore();
        builder.Services.AddJobQueue(JobQueues.MessageDelivery)
            .AddJob<SendMessageJob, SendMessageHandler>()
            .AddJob<DeliveryConfirmationJob, DeliveryConfirmationHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapMessages();
        app.MapConversations();
        app.MapPresence();
        app.MapAttachments();
        app.MapExport();
        app.MapLiveMessages();
        app.MapLiveNotifications();
        var internals = app.MapInternal();
        internals.MapEnsureConversations();
        internals.MapMessagesForIndex();
        internals.MapReencrypt();
        internals.MapResealAttachments();
        internals.MapLegalHolds();
        internals.MapCleanups();
        internals.MapPeople();
        return app;
    }
}
