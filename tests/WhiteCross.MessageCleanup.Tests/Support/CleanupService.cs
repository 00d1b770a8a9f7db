using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.MessageCleanup.Tests;

/// <summary>The clean-up service beside its sidecar, which knows the other services.</summary>
public sealed class CleanupService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SidecarHost _sidecar;
    private readonly HttpClient _http;

    private CleanupService(WebApplication app, SidecarHost sidecar)
    {
        (_app, _sidecar) = (app, sidecar);
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public IServiceProvider Services => _app.Services;

    public IJobStore Store => Services.GetRequiredService<IJobStore>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CleanupService> StartAsync(Uri peers, params (string Name, string Value)[] settings)
    {
        var (port, sidecarHttp, sidecarGrpc) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var app = MessageCleanupApp.Create(["--urls", $"http://127.0.0.1:{port}"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([new("Cleanup:AllowPublished", "true")]);
            builder.Configuration.AddInMemoryCollection([
                new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{sidecarHttp}"),
                new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{sidecarGrpc}"),
                new($"Queues:{JobQueues.MessageCleanup}:BackoffDelay", "00:00:00.100"),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
            ]);
            builder.Logging.ClearProviders();
            builder.UseJobsInMemory();
        });

        // The sidecar first, as `dapr run` does: a service that finds none waits before it looks again.
        var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = MessageCleanupApp.AppId,
                AppPort = port,
                DaprHttpPort = sidecarHttp,
                DaprGrpcPort = sidecarGrpc,
                ResourcesPaths = [Path.Combine(BuiltProjects.Repository, "components")],
                Broker = new EmbeddedBroker(TimeProvider.System),
                KnownApps = new Dictionary<string, Uri> { ["message-delivery"] = peers, ["message-indexing"] = peers, ["message-notification"] = peers },
                Environment = new ResourceEnvironment { Variable = name => name == "REDIS_HOST" ? "localhost" : null },
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            Token);
        await app.StartAsync(Token);
        await sidecar.Ready.WaitAsync(Token);
        return new CleanupService(app, sidecar);
    }

    /// <summary>Delivers a job as the sidecar does.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> DeliverAsync(object data)
    {
        var jobId = Guid.NewGuid().ToString();
        var cloudEvent = JsonSerializer.Serialize(new
        {
            id = jobId,
            specversion = "1.0",
            type = "com.dapr.event.sent",
            source = "test",
            datacontenttype = "application/json",
            data = new { jobId, type = JobTypes.CleanupMessages, data },
        });
        using var content = new StringContent(cloudEvent, Encoding.UTF8, new MediaTypeHeaderValue("application/cloudevents+json"));
        using var answer = await _http.PostAsync(new Uri($"/deliveries/{JobQueues.MessageCleanup}", UriKind.Relative), content, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("SUCCESS", (await answer.Content.ReadFromJsonAsync<JsonObject>(Token))!["status"]!.GetValue<string>());
        return jobId;
    }

    /// <summary>Runs a job to its end.</summary>
    public async Task<JobRecord> RunAsync(object data)
    {
        var jobId = await DeliverAsync(data);
        return await EndAsync(jobId);
    }

    public async Task<JobRecord> EndAsync(string jobId)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            if (await Store.GetAsync(JobQueues.MessageCleanup, jobId, Token) is { State: JobState.Completed or JobState.Failed } record)
            {
                return record;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }


}
