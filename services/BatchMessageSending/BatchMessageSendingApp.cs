using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.BatchMessageSending;

/// <summary>The service that sends one message to many recipients: a Dapr workflow per batch, in chunks.</summary>
internal static class BatchMessageSendingApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "batch-message-sending";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5085.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5085");
        configure?.Invoke(builder);
        builder.AddAccess();
        builder.AddJobStore();
        builder.Services.AddInternalEndpoints();
        builder.Services.AddBatches();
        builder.Services.AddJobQueue(JobQueues.BatchMessageSending)
            .AddJob<BatchSendJob, BatchSendHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapBatches();
        app.MapBatchPreview();
        app.MapBatchControl();
        app.MapUploads();
        return app;
    }
}
