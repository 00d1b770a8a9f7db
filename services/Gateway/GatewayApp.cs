using WhiteCross.Dashboard;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>The way in by HTTP, the operator's view of the queues, and their maintenance.</summary>
internal static class GatewayApp
{
    /// <summary>Its Dapr app id.</summary>
    public const string AppId = "queue-gateway";

    /// <summary>Builds the app.</summary>
    /// <param name="args">The command line; <c>--urls</c> overrides the default address http://localhost:5080.</param>
    /// <param name="configure">Last changes to configuration and services.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);

        builder.AddServiceDefaults(AppId);
        builder.UseDefaultUrl("http://localhost:5080");
        configure?.Invoke(builder);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, JobsJsonContext.Default));
        builder.Services.AddSingleton(_ => new ApiDescription(Resource("openapi.json")));
        builder.AddJobStore();
        builder.Services.AddAudit();
        builder.Services.AddGatewayStores();
        builder.Services.AddQueueMaintenance(JobQueues.All.Select(queue => queue.Name));
        builder.Services.AddDeadLetterConsumer();
        builder.Services.AddSchedules();
        builder.Services.AddCleanupLimits();
        builder.Services.AddSingleton<UndoableRetries>();
        builder.Services.AddHostedService<UndoableRetryService>();
        builder.Services.AddFailureGroups();
        builder.Services.AddSingleton<FailureEdits>();
        builder.Services.AddSingleton<JobReasons>();
        builder.Services.AddHostedService<StreamTrimmer>();
        builder.Services.AddSettings<HealthOptions>(HealthOptions.SectionName);
        builder.Services.AddSingleton<HealthJudge>();
        builder.Services.AddSingleton<TrendReader>();
        builder.Services.AddQueueWatch();
        builder.Services.AddAlerts();
        builder.Services.AddSingleton<BatchServiceClient>();
        builder.Services.AddSingleton<BatchChecks>();
        builder.Services.AddSingleton<NotificationServiceClient>();
        builder.Services.AddSingleton<DeliveryServiceClient>();
        builder.AddServiceProxy();
        builder.AddAccess();
        builder.Services.AddCompression();
        builder.Services.AddDashboard();
        builder.Services.AddOptions<DashboardOptions>().PostConfigure<IConfiguration>((dashboard, configuration) =>
        {
            dashboard.Notice ??= AccessOptions.IsConfiguredIn(configuration) ? null : "Nothing says who may use this, so it serves its own machine only. Set Access:ApiKeys or Access:Authority.";
            // Elsewhere a browser may not get to where a service does.
            dashboard.TraceUrl ??= Uri.TryCreate(configuration["OTEL_EXPORTER_ZIPKIN_ENDPOINT"], UriKind.Absolute, out var zipkin) && zipkin.IsLoopback
                ? new Uri(zipkin, "/zipkin/traces/") + DashboardOptions.TraceIdPlace
                : null;
        });

        var app = builder.Build();

        app.MapServiceDefaults();
        app.UseCompression();
        app.UseUnknownPages();
        app.UseMiddleware<StoreAwayMiddleware>();
        app.UseFreshGauges();
        app.MapDeadLetters();
        var queues = app.MapGroup("/queue").WithTags("Queues").WithDoors().WithAudit().WithIdempotencyKeys();
        queues.MapAdding();
        queues.MapJobs();
        queues.MapFind();
        queues.MapWhy();
        queues.MapFailed();
        queues.MapFailedElsewhere();
        queues.MapUndoableRetries();
        queues.MapFailures();
        queues.MapEditing();
        queues.MapControl();
        queues.MapMetrics();
        queues.MapHistory();
        queues.MapTrends();
        queues.MapWorkers();
        queues.MapHealth();
        queues.MapEventStreams();
        queues.MapSchedules();
        queues.MapBatches();
        queues.MapUploads();
        queues.MapNotificationOperations();
        queues.MapPeople();
        app.MapDashboard().ForRole(AccessRoles.Viewer).TakesAnyRequest();
        app.MapServiceProxy();
        return app;
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(GatewayApp).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
