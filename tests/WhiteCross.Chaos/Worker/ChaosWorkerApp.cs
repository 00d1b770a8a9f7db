using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Chaos.Worker;

/// <summary>A service on the queue of notifications whose handlers do nothing but leave traces.</summary>
internal static class ChaosWorkerApp
{
    public const string AppId = JobQueues.MessageNotification;

    public static WebApplication Create(string[] args)
    {
        var builder = ServiceHost.CreateBuilder(args);
        var clock = new SteppingClock();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<ProviderClient>();
        builder.AddServiceDefaults(AppId);
        builder.Services.AddSingleton<HistoryFile>();
        builder.Services.AddHostedService(services => services.GetRequiredService<HistoryFile>());
        builder.AddJobStore();
        builder.Services.AddJobQueue(AppId).AddJob<SendNotificationJob, ChaosHandler>();
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapJobQueues();
        app.MapPost(SteppingClock.Path, (int seconds) => clock.StepTo(TimeSpan.FromSeconds(seconds))).ForAnybody();
        return app;
    }
}
