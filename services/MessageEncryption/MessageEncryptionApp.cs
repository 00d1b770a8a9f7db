using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageEncryption;

/// <summary>The service that encrypts and decrypts contents of messages: by jobs, and at once for other services by Dapr's service invocation.</summary>
internal static class MessageEncryptionApp
{
    /// <summary>Its Dapr app id, and the queue it works on.</summary>
    public const string AppId = "message-encryption";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5084.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5084");
        configure?.Invoke(builder);
        builder.AddJobStore();
        builder.Services.AddInternalEndpoints();
        builder.Services.AddContentEncryption();
        builder.Services.AddJobQueue(JobQueues.MessageEncryption)
            .AddJob<EncryptDecryptJob, EncryptDecryptHandler>();

        var app = builder.Build();

        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapEncryption();
        return app;
    }
}
