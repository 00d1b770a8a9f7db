using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Local;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Dashboard.Tests;

/// <summary>The whole local system in memory, a page on its gateway, and the job store behind both.</summary>
internal sealed class DashboardSystem : IAsyncDisposable
{
    private const float Patience = 10_000;

    // One at a time: a whole system is much for a small machine, and two that start at once could choose the same free ports.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly DirectoryInfo _data;
    private readonly LocalSystem _system;
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private readonly InMemoryJobStore? _store;

    private DashboardSystem(DirectoryInfo data, LocalSystem system, InMemoryJobStore? store, IBrowserContext context, IPage page)
    {
        (_data, _system, _store, _context, Page) = (data, system, store, context, page);
        Gateway = new HttpClient { BaseAddress = system.GatewayAddress };
    }

    public InMemoryJobStore Store => _store ?? throw new InvalidOperationException("This system's job store is on Redis.");

    public IPage Page { get; }

    public HttpClient Gateway { get; }

    /// <summary>What the browser's console and the pages' scripts complained of.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<DashboardSystem> StartAsync(
        Browser browser, BrowserNewContextOptions? options = null, IReadOnlyDictionary<string, string?>? settings = null, InMemoryJobStore? store = null) =>
        StartAsync(browser, options, settings, store ?? new InMemoryJobStore(JobQueues.DefaultOptions), redis: null);

    /// <summary>Settings with which a retry of many jobs is not held back.</summary>
    public static IReadOnlyDictionary<string, string?> AtOnce { get; } = new Dictionary<string, string?> { ["Dashboard:UndoSeconds"] = "0" };

    /// <summary>The same system on a Redis.</summary>
    public static Task<DashboardSystem> StartOnRedisAsync(Browser browser, string redis) => StartAsync(browser, null, null, store: null, redis);

    public async Task OpenAsync(string address)
    {
        await Page.GotoAsync(address);
        await Assertions.Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
    }

    public async Task<string> AddAsync(string queue, JsonObject envelope)
    {
        using var answer = await Gateway.PostAsJsonAsync($"/queue/{queue}/jobs", envelope, Cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!.GetValue<string>();
    }

    public async Task<QueueMetrics> MetricsAsync(string queue) => (await Store.GetMetricsAsync([queue], Cancellation))[0];

    public Task<JobRecord?> RecordAsync(string queue, string jobId) => Store.GetAsync(queue, jobId, Cancellation);

    /// <summary>Returns when the job is in the state; fails when it does not get there in time.</summary>
    public async Task ComesToAsync(string queue, string jobId, JobState state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await Store.GetAsync(queue, jobId, limit.Token))?.State != state)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Gateway.Dispose();
            await _context.DisposeAsync();
            await _system.DisposeAsync();
            _data.Delete(recursive: true);
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<DashboardSystem> StartAsync(
        Browser browser, BrowserNewContextOptions? options, IReadOnlyDictionary<string, string?>? settings, InMemoryJobStore? store, string? redis)
    {
        await Turn.WaitAsync(Cancellation);
        try
        {
            return await StartInTurnAsync(browser, options ?? new BrowserNewContextOptions(), settings, store, redis);
        }
        catch
        {
            Turn.Release();
            throw;
        }
    }

    private static async Task<DashboardSystem> StartInTurnAsync(
        Browser browser, BrowserNewContextOptions options, IReadOnlyDictionary<string, string?>? settings, InMemoryJobStore? store, string? redis)
    {
        var data = Directory.CreateTempSubdirectory("whitecross-");
        var system = await LocalSystem.StartAsync(
            new LocalOptions
            {
                Redis = redis,
                Port = 0,
                SidecarHttpPort = 0,
                SidecarGrpcPort = 0,
                DataDirectory = data.FullName,
                ComponentsDirectory = Path.Combine(BuiltProjects.Repository, "components"),
                Settings = settings ?? new Dictionary<string, string?>(),
                ConfigureService = (_, builder) =>
                {
                    builder.Logging.ClearProviders();
                    if (store is not null)
                    {
                        builder.Services.AddSingleton<IJobStore>(store);
                    }
                },
            },
            Cancellation);
        options.BaseURL = system.GatewayAddress.ToString();
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var started = new DashboardSystem(data, system, store, context, page);
        page.PageError += (_, error) => started._complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A batch that no service tells more about is no fault of the pages, nor is a queue that is not healthy, which is answered with 503.
            if (message.Type == "error" && !message.Location.Contains("/batches/", StringComparison.Ordinal) && !message.Location.Contains("/queue/health", StringComparison.Ordinal))
            {
                started._complaints.Add(message.Text);
            }
        };
        return started;
    }
}
