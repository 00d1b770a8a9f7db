using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>The service that keeps the full-text index of messages and searches it.</summary>
internal static class MessageIndexingApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "message-indexing";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5083.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5083");
        builder.Services.AddMessageIndex();
        builder.Services.AddIndexing();
        builder.Services.AddSearch();
        configure?.Invoke(builder);
        builder.AddUserAuthentication();
        builder.AddJobStore();
        builder.Services.AddInternalEndpoints();
        builder.Services.AddJobQueue(JobQueues.MessageIndexing)
            .AddJob<IndexMessageJob, IndexMessageHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapSearch();
        app.MapDeletion();
        return app;
    }
}
