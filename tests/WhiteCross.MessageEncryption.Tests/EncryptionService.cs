using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.MessageEncryption.Tests;

/// <summary>The service beside its sidecar, whose secret store has what <see cref="Keys"/> says at the moment.</summary>
public sealed class EncryptionService : IAsyncDisposable
{
    public const string Token = "sidecar-token";

    private readonly WebApplication _app;
    private readonly SidecarHost _sidecar;

    private EncryptionService(WebApplication app, SidecarHost sidecar, StrongBoxOfKeys keys, LogLines logs, int sidecarPort)
    {
        (_app, _sidecar, Secret, Logs) = (app, sidecar, keys, logs);
        Direct = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Sidecar = new HttpClient(new TrueStatus()) { BaseAddress = new Uri($"http://127.0.0.1:{sidecarPort}/v1.0/invoke/message-encryption/method/") };
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The secret as the store gives it.</summary>
    public StrongBoxOfKeys Secret { get; }

    public LogLines Logs { get; }

    /// <summary>To the service itself.</summary>
    public HttpClient Direct { get; }

    /// <summary>To the service by service invocation.</summary>
    public HttpClient Sidecar { get; }

    public IServiceProvider Services => _app.Services;

    public static string KeysJson(string current, params string[] ids) => JsonSerializer.Serialize(new
    {
        current,
        keys = ids.ToDictionary(id => id, id => Convert.ToBase64String([.. Enumerable.Repeat((byte)id.GetHashCode(StringComparison.Ordinal), 16), .. new byte[16]])),
    });

    public static async Task<EncryptionService> StartAsync(string? keys, params (string Name, string Value)[] settings)
    {
        var (secret, logs, port, sidecarHttp, sidecarGrpc) = (new StrongBoxOfKeys { Value = keys }, new LogLines(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var broker = new EmbeddedBroker(TimeProvider.System);
        var app = MessageEncryptionApp.Create(["--urls", $"http://127.0.0.1:{port}"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([
                new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{sidecarHttp}"),
                new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{sidecarGrpc}"),
                new("APP_API_TOKEN", Token),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
            ]);
            builder.Logging.ClearProviders().AddProvider(logs);
            builder.UseJobsInMemory();
        });
        await app.StartAsync(Cancellation);
        var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = MessageEncryptionApp.AppId,
                AppPort = port,
                AppApiToken = Token,
                DaprHttpPort = sidecarHttp,
                DaprGrpcPort = sidecarGrpc,
                ResourcesPaths = [Path.Combine(BuiltProjects.Repository, "components")],
                Broker = broker,
                Environment = new ResourceEnvironment
                {
                    Variable = name => name switch { "REDIS_HOST" => "localhost", "SECRET_MESSAGE_KEYS" => secret.Value, _ => null },
                },
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Cancellation);
        await sidecar.Ready.WaitAsync(Cancellation);
        return new EncryptionService(app, sidecar, secret, logs, sidecarHttp);
    }

    /// <summary>Adds a job and waits for its end.</summary>
    public async Task<JobRecord> RunAsync(EncryptDecryptJob data)
    {
        var jobId = Guid.NewGuid().ToString();
        var publisher = Services.GetRequiredService<IJobPublisher>();
        await publisher.AddAsync(
            JobQueues.MessageEncryption,
            NewJobFactory.Create(jobId, data, JobsJsonContext.Default.EncryptDecryptJob, JobQueues.DefaultOptions(JobQueues.MessageEncryption), null),
            Cancellation);
        return await EventuallyAsync(async () =>
            await Services.GetRequiredService<IJobStore>().GetAsync(JobQueues.MessageEncryption, jobId, Cancellation) is { State: JobState.Completed or JobState.Failed } record
                ? record
                : null);
    }

    internal async Task<EncryptedContent> EncryptAsync(Guid messageId, string content)
    {
        using var answer = await Sidecar.PostAsJsonAsync("internal/encrypt", new { messageId, content }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<EncryptedContent>(Cancellation))!;
    }

    public static async Task<T> EventuallyAsync<T>(Func<Task<T?>> find)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            if (await find() is { } found)
            {
                return found;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Direct.Dispose();
        Sidecar.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Reads answers as services read each other's: a refusal crosses the sidecars as 200.</summary>
    private sealed class TrueStatus() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            base.SendAsync(request, cancellationToken).AsAnsweredAsync();
    }

    /// <summary>A value that a test changes while the sidecar reads it.</summary>
    public sealed class StrongBoxOfKeys
    {
        private volatile string? _value;

        public string? Value
        {
            get => _value;
            set => _value = value;
        }
    }

    /// <summary>Everything that was logged.</summary>
    public sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
