using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>What is the same in every service: telemetry, health, problem details, API description, limits, logs, shutdown.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>How long a service that was told to stop may take to end its work. Longer than a queue's shutdown, shorter than Kubernetes' grace period.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Adds the defaults. Call it first; <see cref="MapServiceDefaults"/> belongs to it.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="serviceName">The service's name: its Dapr app id.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceName);

        builder.Configuration.AddUnderscoredNames(JobQueues.All.Select(queue => queue.Name));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.AddServiceLogging();
        builder.AddServiceLimits();
        builder.AddServiceTelemetry(serviceName);
        builder.Services.AddServiceProblems();
        builder.Services.AddStrictRequests();
        builder.Services.AddDoors();
        builder.Services.AddHealthChecks();
        builder.Services.AddServiceDescription(serviceName);
        return builder;
    }

    /// <summary>Sets the address a service listens on when nothing else does: no <c>--urls</c>, ASPNETCORE_URLS, HTTP_PORTS or Kestrel section.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="url">The address, for example <c>http://localhost:5081</c>.</param>
    /// <returns>The builder.</returns>
    public static WebApplicationBuilder UseDefaultUrl(this WebApplicationBuilder builder, string url)
    {
        ArgumentNullException.ThrowIfNull(builder);

        string[] settings = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        var isSet = settings.Any(setting => !string.IsNullOrEmpty(builder.Configuration[setting]))
            || builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!isSet)
        {
            builder.WebHost.UseUrls(url);
        }

        return builder;
    }

    /// <summary>Puts the defaults to work: error handling around everything that follows, <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>, <c>/openapi/v1.json</c>, <c>/docs</c>.</summary>
    /// <param name="app">The application; call this before mapping anything else.</param>
    /// <returns>The application.</returns>
    /// <exception cref="OptionsValidationException">Settings are wrong; it has a sentence for each.</exception>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        // Before anything is built on the settings, so that all that is wrong with them is told at once, and Redis is not asked for first.
        SettingsProblems.ThrowIfAny(app.Services);
        app.UseHeadRequests();
        app.UseExceptionHandler();
        app.UseStatusCodePages();

        app.UseReadableContentTypes();

        // Left to itself, the framework puts these first, and a refusal would go out without its problem details.
        app.UseRouting();
        app.UseRefusalWitness();
        app.UseMiddleware<DoorKeeper>();
        app.UseMiddleware<AddressLimits>();
        if (app.Services.GetService<IAuthenticationSchemeProvider>() is not null)
        {
            app.UseAuthentication();
            app.UseMiddleware<CallerLimits>();
            app.UseAuthorization();
        }

        app.UsePathIds();
        app.UseStrictRequests();
        app.MapServiceHealth();
        app.MapServiceTelemetry();
        app.MapServiceDescription();
        return app;
    }
}
