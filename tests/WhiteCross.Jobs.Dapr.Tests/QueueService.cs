using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>A service that works on the indexing queue, with a handler made of a lambda, on a job store in memory; with a sidecar when asked.</summary>
internal sealed class QueueService : IAsyncDisposable
{
    public const string Queue = JobQueues.MessageIndexing;

    private readonly WebApplication _app;
    private readonly int _port;
    private readonly int _grpcPort;
    private readonly FakeTimeProvider? _clock;
    private SidecarHost? _sidecar;

    private QueueService(WebApplication app, InMemoryJobStore store, EmbeddedBroker broker, int port, int grpcPort, FakeTimeProvider? clock)
    {
        _app = app;
        Store = store;
        Broker = broker;
        _port = port;
        _grpcPort = grpcPort;
        _clock = clock;
        Client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
    }

    public InMemoryJobStore Store { get; }

    public HttpClient Client { get; }

    /// <summary>Where its sidecar serves gRPC, once it runs.</summary>
    public int SidecarPort => _grpcPort;

    public EmbeddedBroker Broker { get; }

    public IJobPublisher Publisher => _app.Services.GetRequiredService<IJobPublisher>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<QueueService> StartAsync(
        Func<Job<IndexMessageJob>, CancellationToken, Task<JobOutcome>> handle,
        IReadOnlyDictionary<string, string?>? settings = null,
        Func<IJobStore, IJobStore>? decorate = null,
        LogCollector? log = null,
        QueueService? beside = null,
        TimeProvider? time = null)
    {
        var (port, grpcPort) = (FreePorts.Take(), FreePorts.Take());
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.WebHost.UseUrls($"http://localhost:{port}");
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DAPR_GRPC_ENDPOINT"] = $"http://localhost:{grpcPort}",
            [$"Queues:{Queue}:ReconcileAfter"] = "00:00:01",
            [$"Queues:{Queue}:Lease"] = "00:01:00", // No machine is so slow that a run loses it; a test of stalled jobs sets a shorter one.
            [$"Queues:{Queue}:BackoffDelay"] = "00:00:00.100",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        var options = JobQueues.DefaultOptions(Queue);
        builder.Configuration.GetSection($"Queues:{Queue}").Bind(options);
        var store = beside?.Store ?? new InMemoryJobStore(_ => options, time);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(decorate?.Invoke(store) ?? store);
        var service = new TaskCompletionSource<QueueService>();
        builder.Services.AddSingleton<ILaneInspector>(_ => new BrokerLanes(service.Task));
        builder.Services.AddSingleton(handle);
        builder.Services.AddJobQueue(Queue).AddJob<IndexMessageJob, LambdaHandler>(JobsJsonContext.Default.IndexMessageJob);
        var app = builder.Build();
        app.MapJobQueues();
        await app.StartAsync(Cancellation);
        var made = new QueueService(app, store, beside?.Broker ?? new EmbeddedBroker(TimeProvider.System), port, grpcPort, time as FakeTimeProvider);
        service.SetResult(made);
        return made;
    }

    /// <summary>A clock that only the test moves, from now on; of whole milliseconds, as jobs' times are.</summary>
    public static FakeTimeProvider StandingClock() => new(DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Starts the service's sidecar.</summary>
    /// <param name="delivers">Whether it delivers events to the service; else it only publishes.</param>
    public async Task StartSidecarAsync(bool delivers = true)
    {
        _sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = Queue,
                AppPort = delivers ? _port : null,
                DaprHttpPort = 0,
                DaprGrpcPort = _grpcPort,
                ResourcesPaths = [Path.Combine(BuiltProjects.Repository, "components")],
                Broker = Broker,
                Environment = new ResourceEnvironment { Variable = name => name == "REDIS_HOST" ? "localhost" : null },
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);
        await _sidecar.Ready;
    }

    public async Task StopSidecarAsync()
    {
        if (Interlocked.Exchange(ref _sidecar, null) is { } sidecar)
        {
            await sidecar.DisposeAsync();
        }
    }

    /// <summary>Ends the sidecar as a kill does: nothing of what the service has in hand is waited for.</summary>
    public async Task KillSidecarAsync()
    {
        if (Interlocked.Exchange(ref _sidecar, null) is { } sidecar)
        {
            await sidecar.AbortAsync();
        }
    }

    /// <summary>Delivers as a sidecar does; the answer's status word.</summary>
    public async Task<string> DeliverAsync(string data, string eventId = "event-1", string lane = "")
    {
        var cloudEvent = $$"""{"id":"{{eventId}}","specversion":"1.0","type":"com.dapr.event.sent","source":"test","datacontenttype":"application/json","data":{{data}}}""";
        using var answer = await PostAsync(cloudEvent, "application/cloudevents+json", lane);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["status"]!.GetValue<string>();
    }

    public Task<HttpResponseMessage> PostAsync(string body, string contentType, string lane = "") => PostAsync(Encoding.UTF8.GetBytes(body), contentType, lane);

    public Task<HttpResponseMessage> PostAsync(byte[] body, string contentType, string lane = "")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return Client.PostAsync(new Uri($"/deliveries/{Queue}{lane}", UriKind.Relative), content, Cancellation);
    }

    public async Task<QueueMetrics> MetricsAsync() => (await Store.GetMetricsAsync([Queue], Cancellation))[0];

    public async Task<JobRecord?> FindAsync(string jobId) => await Store.GetAsync(Queue, jobId, Cancellation);

    public async Task<JobRecord> WaitForAsync(string jobId, JobState state)
    {
        JobRecord? found = null;
        await UntilAsync(async () => (found = await FindAsync(jobId))?.State == state);
        return found!;
    }

    /// <summary>
    /// Waits for a condition. On a clock of the test's own the time goes on by a little now and then: it may have been moved just before a loop of the
    /// service began to wait for that moment, which then never comes.
    /// </summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        var polls = 0;
        await Eventually.TrueAsync(async () =>
        {
            if (await condition())
            {
                return true;
            }

            if (_clock is not null && ++polls % 50 == 0)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100));
            }

            return false;
        });
    }

    /// <summary>Stops the service as its host does; the sidecar stays.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        var stopping = StopAsync();
        await UntilAsync(() => Task.FromResult(stopping.IsCompleted));
        await stopping;
        await StopSidecarAsync();
        await _app.DisposeAsync();
        Client.Dispose();
    }

    private sealed class LambdaHandler(Func<Job<IndexMessageJob>, CancellationToken, Task<JobOutcome>> handle) : IJobHandler<IndexMessageJob>
    {
        public Task<JobOutcome> HandleAsync(Job<IndexMessageJob> job, CancellationToken cancellationToken) => handle(job, cancellationToken);
    }

    private sealed class BrokerLanes(Task<QueueService> service) : ILaneInspector
    {
        public async Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken)
        {
            var broker = (await service).Broker;
            var now = TimeProvider.System.GetUtcNow();
            return JobLanes.All.ToDictionary(lane => lane.Priority, lane => now - (broker.GetLowWaterMark(lane.TopicOf(queue), queue, ILaneInspector.TakenAfter) ?? now));
        }

        public async Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => (await service).Broker.Trim(topic);
    }
}
