using System.Globalization;
using System.Runtime.CompilerServices;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Bench.Queue;

/// <summary>A service of ours with its sidecar, as they are in production: one that adds jobs, or one that runs them.</summary>
internal sealed class BenchApp : IAsyncDisposable
{
    public const string Queue = JobQueues.MessageDelivery;

    private static readonly string Content = string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 5))[..200];

    private readonly WebApplication _app;

    private readonly StrongBox<int> _deliveries;

    private BenchApp(WebApplication app, BenchSidecar sidecar, StrongBox<int> deliveries) => (_app, Sidecar, _deliveries) = (app, sidecar, deliveries);

    /// <summary>Requests by which its sidecar delivered events.</summary>
    public int Deliveries => Volatile.Read(ref _deliveries.Value);

    public BenchSidecar Sidecar { get; }

    public IJobPublisher Publisher => _app.Services.GetRequiredService<IJobPublisher>();

    public IJobStore Store => _app.Services.GetRequiredService<IJobStore>();

    /// <summary>What a job is about: a message of 200 characters.</summary>
    public static SendMessageJob NewMessage() => new()
    {
        MessageId = Guid.NewGuid(),
        SenderId = Guid.NewGuid(),
        RecipientId = Guid.NewGuid(),
        ConversationId = Guid.NewGuid(),
        Content = Content,
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };

    /// <summary>The service that adds jobs.</summary>
    public static async Task<BenchApp> StartAdderAsync(bool isEmbedded)
    {
        var adder = await CreateAsync(isEmbedded, "queue-gateway", static _ => { }, hasEvents: false);
        await adder.StartAsync();
        return adder;
    }

    /// <summary>The service that runs jobs; its sidecar is up and waits for it until <see cref="StartAsync"/>.</summary>
    public static Task<BenchApp> CreateWorkerAsync(bool isEmbedded, BenchHandler handler) => CreateAsync(
        isEmbedded,
        Queue,
        services =>
        {
            services.AddSingleton(handler);
            services.AddJobQueue(Queue)
                .AddJob<SendMessageJob, BenchHandler>()
                .AddJob<DeliveryConfirmationJob, BenchHandler>();
        },
        hasEvents: true);

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await Sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static async Task<BenchApp> CreateAsync(bool isEmbedded, string appId, Action<IServiceCollection> configure, bool hasEvents)
    {
        var (port, http, grpc) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var builder = ServiceHost.CreateBuilder([]);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["REDIS_HOST"] = BenchSettings.Host,
            ["REDIS_PORT"] = Text(BenchSettings.Port),
            ["REDIS_QUEUE_DB"] = "1",
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{Text(http)}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{Text(grpc)}",
            [$"Queues:{Queue}:Concurrency"] = Text(BenchSettings.Concurrency),
            [$"Queues:{Queue}:BulkSubscribe"] = BenchSettings.Delivered > 0 ? "true" : "false",
            [$"Queues:{Queue}:BulkMaxMessages"] = Text(Math.Max(1, BenchSettings.Delivered)),
            [$"Queues:{Queue}:BulkMaxAwaitMilliseconds"] = "1",
            [$"Queues:{Queue}:KeepCompleted"] = Text(BenchSettings.Keep),
        });
        builder.AddServiceDefaults(appId);
        builder.Logging.ClearProviders(); // Standard output is for the result.
        if (BenchSettings.Warnings)
        {
            builder.Logging.AddSimpleConsole(console => console.TimestampFormat = "ss.fff ").AddFilter(level => level >= LogLevel.Warning);
            builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }

        builder.WebHost.UseUrls($"http://127.0.0.1:{Text(port)}");
        builder.AddJobStore();
        builder.Services.AddJobPublishing();
        configure(builder.Services);
        var app = builder.Build();
        app.MapServiceDefaults();
        var deliveries = new StrongBox<int>();
        if (hasEvents)
        {
            app.Use((context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/deliveries"))
                {
                    Interlocked.Increment(ref deliveries.Value);
                }

                return next(context);
            });
            app.MapJobQueues();
        }

        var sidecar = await BenchSidecar.StartAsync(isEmbedded, appId, hasEvents ? port : null, http, grpc);
        await sidecar.WaitAsync();
        return new BenchApp(app, sidecar, deliveries);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
