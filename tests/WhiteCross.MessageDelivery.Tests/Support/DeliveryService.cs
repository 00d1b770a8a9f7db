using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Testing;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>The service on a free port, and what a test does with it: run jobs, connect devices, read by HTTP.</summary>
public sealed class DeliveryService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _attachments;

    private DeliveryService(WebApplication app, string attachments, FakeTimeProvider time, RecordedFollowUps followUps, LogCollector logs)
    {
        _app = app;
        _attachments = attachments;
        Time = time;
        FollowUps = followUps;
        Logs = logs;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Its database, empty.</summary>
    public static MigratedDatabase Migrated { get; } = new(connectionString => MessageDeliveryApp.Create([], builder =>
    {
        builder.Configuration[MessageDatabase.ConnectionSetting] = connectionString;
        builder.Logging.ClearProviders();
    }).RunOrMigrateAsync([DatabaseMigrationExtensions.Argument]));

    public static DateTimeOffset Start { get; } = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public HttpClient Http { get; }

    public FakeTimeProvider Time { get; }

    internal RecordedFollowUps FollowUps { get; }

    public LogCollector Logs { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The files of the attachments, with SQLite.</summary>
    public IEnumerable<string> AttachmentFiles => Directory.EnumerateFiles(_attachments, "*", SearchOption.AllDirectories);

    /// <summary>The attachments of which there is content: files with SQLite, rows in PostgreSQL.</summary>
    public async Task<IReadOnlyList<string>> KeptAttachmentsAsync()
    {
        if (!Services.GetRequiredService<ServiceDatabase>().IsPostgres)
        {
            return [.. AttachmentFiles.Select(file => Path.GetFileName(file))];
        }

        Assert.Empty(AttachmentFiles);
        await using var database = await Services.GetRequiredService<IDbContextFactory<PostgresMessagesDbContext>>().CreateDbContextAsync();
        var ids = await database.AttachmentChunks.Select(chunk => chunk.AttachmentId).Distinct().ToListAsync();
        return [.. ids.Select(id => id.ToString("N"))];
    }

    /// <summary>Starts it.</summary>
    /// <param name="connectionString">Its database.</param>
    /// <param name="configure">What differs.</param>
    /// <param name="logsEverything">At every level, with every query's plan; which a test asks for that looks for what must not be there.</param>
    public static async Task<DeliveryService> StartAsync(string connectionString, Action<WebApplicationBuilder>? configure = null, bool logsEverything = false, params string[] arguments)
    {
        var time = new FakeTimeProvider(Start);
        var followUps = new RecordedFollowUps();
        var logs = new LogCollector();
        var attachments = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        var app = MessageDeliveryApp.Create(["--urls", "http://127.0.0.1:0", .. arguments], builder =>
        {
            builder.Configuration.AddInMemoryCollection([new(MessageDatabase.ConnectionSetting, connectionString)]);
            if (connectionString.StartsWith("Data Source", StringComparison.Ordinal))
            {
                builder.Configuration["Attachments:Directory"] = attachments;
            }

            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            var (ours, others) = logsEverything ? ("Trace", "Trace") : ("Information", "Warning");
            builder.Configuration.AddInMemoryCollection([
                new("Logging:LogLevel:Default", ours), new("Logging:LogLevel:Microsoft.AspNetCore", others), new("Logging:LogLevel:Microsoft.EntityFrameworkCore", others),
            ]);
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton<IFollowUpJobs>(followUps);
            configure?.Invoke(builder);
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(attachments, recursive: true);
            throw;
        }

        return new DeliveryService(app, attachments, time, followUps, logs);
    }

    /// <summary>One attempt at a send-message job, from a scope of its own, as the queue's worker makes it.</summary>
    public Task<JobOutcome> SendAsync(SendMessageJob data, JobReports? reports = null, DateTimeOffset? addedAt = null) =>
        RunAsync<SendMessageJob, SendMessageHandler>(data, reports, addedAt);

    /// <summary>One attempt at a delivery-confirmation job.</summary>
    public Task<JobOutcome> ConfirmAsync(DeliveryConfirmationJob data) => RunAsync<DeliveryConfirmationJob, DeliveryConfirmationHandler>(data, null, null);

    /// <summary>Connects a device of a user; it is in its group and counted when this returns.</summary>
    public async Task<Device> ConnectAsync(
        Guid userId, Action<Microsoft.AspNetCore.Http.Connections.Client.HttpConnectionOptions>? configure = null, string? after = null)
    {
        var query = configure is null ? $"?userId={userId}{(after is null ? "" : $"&after={after}")}" : string.Empty;
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(Http.BaseAddress!, $"{MessageHub.Path}{query}"), options => configure?.Invoke(options))
            .Build();
        var device = new Device(connection);
        var before = await PresentAsync(userId);
        await connection.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await PresentAsync(userId) > before);
        return device;
    }

    public async Task<int> PresentAsync(Guid userId) =>
        await Services.GetRequiredService<IPresence>().CountAsync(userId, TestContext.Current.CancellationToken);

    /// <summary>The message as it is stored.</summary>
    internal async Task<Message?> StoredAsync(Guid messageId)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MessageStore>().FindAsync(messageId, TestContext.Current.CancellationToken);
    }

    /// <summary>The message's copies as they are stored.</summary>
    internal async Task<IReadOnlyList<MessageCopy>> CopiesAsync(Guid messageId)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MessageStore>().CopiesAsync(messageId, TestContext.Current.CancellationToken);
    }

    /// <summary>Stores a message, without any job.</summary>
    internal async Task StoreAsync(Message message)
    {
        await using var scope = Services.CreateAsyncScope();
        Assert.Equal(
            new SavedMessage(null, null),
            await scope.ServiceProvider.GetRequiredService<MessageStore>().SaveOnceAsync(message, null, TestContext.Current.CancellationToken));
    }

    /// <summary>Moves a message's status with the recipient that it names.</summary>
    internal async Task<StatusMove> MoveAsync(Guid messageId, MessageStatus to, string? reason = null)
    {
        var recipient = (await StoredAsync(messageId))?.RecipientId ?? Guid.NewGuid();
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MessageStatusMover>().MoveAsync(
            messageId, recipient, to, Time.GetUtcNow(), reason, cancellationToken: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_attachments, recursive: true);
    }

    private async Task<JobOutcome> RunAsync<TData, THandler>(TData data, JobReports? reports, DateTimeOffset? addedAt)
        where TData : class, IJobData<TData>
        where THandler : IJobHandler<TData>
    {
        await using var scope = Services.CreateAsyncScope();
        return await new TestJob<TData>(data, reports) { CreatedAt = addedAt ?? Time.GetUtcNow() }
            .RunAsync(scope.ServiceProvider.GetRequiredService<THandler>(), TestContext.Current.CancellationToken);
    }
}
