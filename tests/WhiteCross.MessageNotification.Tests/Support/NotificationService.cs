using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>The service on a free port, and what a test does with it: run jobs, read by HTTP.</summary>
public sealed class NotificationService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string? _ownFolder;

    private NotificationService(WebApplication app, FakeTimeProvider time, LogCollector logs, SetChance chance, string? ownFolder)
    {
        _app = app;
        _ownFolder = ownFolder;
        Time = time;
        Logs = logs;
        Chance = chance;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Its database, empty.</summary>
    public static MigratedDatabase Migrated { get; } = new(connectionString => MessageNotificationApp.Create([], builder =>
    {
        builder.Configuration[NotificationDatabase.ConnectionSetting] = connectionString;
        builder.Logging.ClearProviders();
    }).RunOrMigrateAsync([DatabaseMigrationExtensions.Argument]));

    public static DateTimeOffset Start { get; } = new(2026, 3, 4, 12, 6, 7, TimeSpan.Zero);

    public HttpClient Http { get; }

    public FakeTimeProvider Time { get; }

    public LogCollector Logs { get; }

    /// <summary>What the service takes for chance.</summary>
    internal SetChance Chance { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Where the service's jobs are on record.</summary>
    public IJobStore Jobs => Services.GetRequiredService<IJobStore>();

    /// <summary>Starts it with settings, on a database of its own where they name none.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="configure">What else differs.</param>
    /// <param name="logsEverything">At every level, with every query's plan; which a test asks for that looks for what must not be there.</param>
    public static async Task<NotificationService> StartAsync(
        Dictionary<string, string?> settings, Action<WebApplicationBuilder>? configure = null, bool logsEverything = false)
    {
        string? folder = null;
        if (!settings.ContainsKey(NotificationDatabase.ConnectionSetting))
        {
            folder = Directory.CreateTempSubdirectory("notifications-test-").FullName;
            await Migrated.WriteSqliteAsync(Path.Combine(folder, "notifications.db"));
            settings = new(settings) { [ServiceDatabase.DirectorySetting] = folder };
        }

        var time = new FakeTimeProvider(Start);
        var logs = new LogCollector();
        var chance = new SetChance();
        var app = MessageNotificationApp.Create(["--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings);
            var (ours, others) = logsEverything ? ("Trace", "Trace") : ("Information", "Warning");
            builder.Configuration.AddInMemoryCollection([
                new("Logging:LogLevel:Default", ours), new("Logging:LogLevel:Microsoft.AspNetCore", others), new("Logging:LogLevel:Microsoft.EntityFrameworkCore", others),
            ]);
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton<Random>(chance);
            builder.UseJobsInMemory();
            builder.Services.AddSingleton<IJobPublisher, JobsAdded>();
            configure?.Invoke(builder);
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }

            throw;
        }

        return new NotificationService(app, time, logs, chance, folder);
    }

    /// <summary>One attempt at a job, from a scope of its own, as the queue's worker makes it. The same reports make it the same job.</summary>
    public async Task<JobOutcome> RunAsync(
        SendNotificationJob data, JobReports? reports = null, string? jobId = null, CancellationToken? cancellationToken = null, DateTimeOffset? createdAt = null)
    {
        await using var scope = Services.CreateAsyncScope();
        reports ??= new JobReports();
        reports.JobId = jobId ?? reports.JobId;
        reports.CreatedAt ??= createdAt ?? Time.GetUtcNow();
        return await new TestJob<SendNotificationJob>(data, reports) { MaxAttempts = 3 }.RunAsync(
            scope.ServiceProvider.GetRequiredService<SendNotificationHandler>(), cancellationToken ?? TestContext.Current.CancellationToken);
    }

    /// <summary>One attempt that completes the job.</summary>
    internal async Task<SendNotificationResult> CompleteAsync(SendNotificationJob data, JobReports? reports = null, string? jobId = null) =>
        Assert.IsType<SendNotificationResult>(Assert.IsType<JobOutcome.Completed>(await RunAsync(data, reports, jobId)).Result);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownFolder is not null)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(_ownFolder, recursive: true);
        }
    }
}

/// <summary>Puts added jobs on record, and publishes no event: tests run them themselves.</summary>
internal sealed class JobsAdded(IJobStore store) : IJobPublisher
{
    public async ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken) => (await store.AddAsync(queue, [job], cancellationToken))[0];

    public Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) => store.AddAsync(queue, jobs, cancellationToken);
}
