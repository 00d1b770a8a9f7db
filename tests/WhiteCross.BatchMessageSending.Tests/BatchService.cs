using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>The batch service beside its sidecar; both can be stopped and started again on the same ground.</summary>
public sealed class BatchService : IAsyncDisposable
{
    private readonly (string Name, string? Value)[] _settings;
    private WebApplication? _app;
    private SidecarHost? _sidecar;

    private BatchService(Ground ground, (string, string?)[] settings)
    {
        (Ground, _settings) = (ground, settings);
        SidecarGrpc = new FreezingProxy(Ports.Grpc);
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Ports.App}") };
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Ground Ground { get; }

    public (int App, int Http, int Grpc) Ports { get; } = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());

    /// <summary>Between the service and its sidecar's gRPC port: workflow engine, state store and publishing.</summary>
    public FreezingProxy SidecarGrpc { get; }

    /// <summary>To the service itself.</summary>
    public HttpClient Client { get; }

    internal FakeConversations Conversations { get; } = new();

    /// <summary>What the service logged.</summary>
    public LogCollector Logs { get; } = new();

    /// <summary>Stands between the service and its job store.</summary>
    public Func<IJobStore, IJobStore>? Decorate { get; init; }

    public IJobStore Store => Services.GetRequiredService<IJobStore>();

    public IJobPublisher Publisher => Services.GetRequiredService<IJobPublisher>();

    private IHostedService Worker => Services.GetServices<IHostedService>().Single(service => service.GetType().FullName == "Dapr.Workflow.Worker.WorkflowWorker");

    public IServiceProvider Services => _app!.Services;

    public static Task<BatchService> StartAsync(params (string Name, string? Value)[] settings) => StartAsync(new Ground(), null, settings);

    public static async Task<BatchService> StartAsync(Ground ground, Func<IJobStore, IJobStore>? decorate, params (string Name, string? Value)[] settings)
    {
        var service = new BatchService(ground, settings) { Decorate = decorate };
        try
        {
            await service.StartBothAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>The sidecar first, as Dapr has it: a workflow worker whose first connection is refused comes back only five seconds later.</summary>
    private async Task StartBothAsync()
    {
        _sidecar = await Ground.StartSidecarAsync(BatchMessageSendingApp.AppId, Ports);
        await StartAppAsync();
        await _sidecar.Ready.WaitAsync(Cancellation);
    }

    public async Task StartAppAsync()
    {
        _app = BatchMessageSendingApp.Create(["--urls", $"http://127.0.0.1:{Ports.App}"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([
                .. Ground.Settings,
                new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{Ports.Http}"),
                new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{SidecarGrpc.Port}"),
                new("Batch:ProgressInterval", "00:00:00.050"),
                new($"Queues:{JobQueues.BatchMessageSending}:ReconcileAfter", "00:00:01"),
                new($"Queues:{JobQueues.BatchMessageSending}:Lease", "00:00:30"), // No machine is so slow that a run loses it.
                .. _settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
            ]);
            builder.Logging.ClearProviders().AddProvider(Logs);
            builder.Services.AddSingleton<IConversations>(Conversations);
            if (Ground.Store is { } store)
            {
                builder.UseJobsInMemory(Decorate?.Invoke(store) ?? store);
            }
        });
        await _app.StartAsync(Cancellation);
    }

    public async Task StartSidecarAsync()
    {
        _sidecar = await Ground.StartSidecarAsync(BatchMessageSendingApp.AppId, Ports);
        await _sidecar.Ready.WaitAsync(Cancellation);
    }

    public async Task StopAppAsync()
    {
        await _app!.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Takes the workflow worker away from the engine, which keeps silent from then on, as daprd's does; all else goes on.</summary>
    public Task SilenceEngineAsync() => Worker.StopAsync(Cancellation);

    public Task WakeEngineAsync() => Worker.StartAsync(Cancellation);

    /// <summary>As if its process were killed: a sidecar that stops waits for the job's delivery, and that for the batch.</summary>
    public async Task KillSidecarAsync()
    {
        await _sidecar!.AbortAsync();
        _sidecar = null;
    }

    public async Task<string> AddAsync(BatchSendJob data, string? jobId = null)
    {
        jobId ??= $"batch-{Guid.NewGuid():n}";
        await Publisher.AddAsync(
            JobQueues.BatchMessageSending,
            NewJobFactory.Create(jobId, data, JobsJsonContext.Default.BatchSendJob, JobQueues.DefaultOptions(JobQueues.BatchMessageSending), null),
            Cancellation);
        return jobId;
    }

    public Task<JobRecord?> FindAsync(string jobId) => Store.GetAsync(JobQueues.BatchMessageSending, jobId, Cancellation);

    /// <summary>Adds a batch and waits for its job's end.</summary>
    public async Task<JobRecord> RunAsync(BatchSendJob data) => await EndOfAsync(await AddAsync(data));

    public Task<JobRecord> EndOfAsync(string jobId) =>
        WaitForAsync(jobId, record => record.State is JobState.Completed or JobState.Failed);

    public async Task<JobRecord> WaitForAsync(string jobId, Func<JobRecord, bool> isSo)
    {
        JobRecord? last = null;
        try
        {
            return await EventuallyAsync(async () => (last = await FindAsync(jobId)) is { } record && isSo(record) ? record : null);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The job did not become what is wanted: {last?.State}, {last?.AttemptsMade} attempts, {last?.Progress.Step}, next {last?.NextAttemptAt:O}, started {last?.StartedAt:O}, {last?.Error?.Message}");
        }
    }

    public Task<JobRecord?> MessageAsync(Guid batchId, Guid recipientId) =>
        Store.GetAsync(JobQueues.MessageDelivery, BatchIds.MessageJob(batchId, recipientId), Cancellation);

    public async Task<SendMessageJob> SentAsync(Guid batchId, Guid recipientId) =>
        System.Text.Json.JsonSerializer.Deserialize((await MessageAsync(batchId, recipientId))!.Data, JobsJsonContext.Default.SendMessageJob)!;

    /// <summary>How many messages' jobs were ever added.</summary>
    public async Task<long> MessagesAsync() => (await Store.GetMetricsAsync([JobQueues.MessageDelivery], Cancellation))[0].Added;

    public async Task<JsonObject> ViewAsync(Guid batchId, string query = "") =>
        (await Client.GetFromJsonAsync<JsonObject>(new Uri($"/batches/{batchId}{query}", UriKind.Relative), Cancellation))!;

    public static async Task<T> EventuallyAsync<T>(Func<Task<T?>> find, double seconds = 60)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await find() is { } found)
            {
                return found;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        SidecarGrpc.Thaw();
        if (_app is not null)
        {
            await StopAppAsync();
        }

        if (_sidecar is not null)
        {
            await KillSidecarAsync();
        }

        await SidecarGrpc.DisposeAsync();
    }
}

/// <summary>The delivery service's conversations: it knows those that it was told of or asked to make.</summary>
internal sealed class FakeConversations : IConversations
{
    private readonly Dictionary<Guid, HashSet<Guid>> _known = [];

    public int Created { get; private set; }

    public void Know(Guid id, params Guid[] participants) => _known[id] = [.. participants];

    public Task<ConversationsFound> EnsureAsync(IReadOnlyList<ConversationOf> conversations, bool create, CancellationToken cancellationToken)
    {
        List<Guid> missing = [], mismatched = [];
        foreach (var (id, participants) in conversations)
        {
            if (_known.TryGetValue(id, out var known))
            {
                if (!participants.All(known.Contains))
                {
                    mismatched.Add(id);
                }
            }
            else if (create)
            {
                Know(id, [.. participants]);
                Created++;
            }
            else
            {
                missing.Add(id);
            }
        }

        return Task.FromResult(new ConversationsFound(missing, mismatched));
    }
}
