using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.MessageCleanup;

/// <summary>The service that removes what is past its retention. It owns no data: it asks the services that do, by Dapr's service invocation.</summary>
internal static class MessageCleanupApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "message-cleanup";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5086.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5086");
        configure?.Invoke(builder);
        builder.AddJobStore();
        builder.Services.AddSettings<CleanupOptions>(CleanupOptions.SectionName);
        builder.Services.AddOwners();
        builder.Services.AddSingleton<PersonServices>();
        builder.Services.AddSingleton<PersonJobs>();
        builder.Services.AddScoped<RetentionCleanup>();
        builder.Services.AddScoped<PersonErasure>();
        builder.Services.AddJobQueue(JobQueues.MessageCleanup)
            .AddJob<CleanupMessagesJob, CleanupMessagesHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        return app;
    }
}
