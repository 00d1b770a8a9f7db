using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>
/// A page on the gateway of a whole local system in memory, and the job store behind both. A whole system is much to start: tests without settings of their
/// own share one, one after the other, each with an empty job store (<see cref="SharedSystems"/>).
/// </summary>
internal sealed class DashboardSystem : IAsyncDisposable
{
    /// <summary>How long a test waits for what a page is to show. Only one that fails waits so long: far more than a page takes on a busy machine.</summary>
    public const float Patience = 60_000;

    private readonly Func<ValueTask> _leave;
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];
    private readonly InMemoryJobStore? _store;

    private DashboardSystem(Uri gateway, InMemoryJobStore? store, IBrowserContext context, IPage page, Func<ValueTask> leave)
    {
        (_store, _context, Page, _leave) = (store, context, page, leave);
        Gateway = new HttpClient { BaseAddress = gateway };
    }

    public InMemoryJobStore Store => _store ?? throw new InvalidOperationException("This system's job store is on Redis.");

    public IPage Page { get; }

    public HttpClient Gateway { get; }

    /// <summary>What the browser's console and the pages' scripts complained of.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Settings with which a retry of many jobs is not held back.</summary>
    public static IReadOnlyDictionary<string, string?> AtOnce { get; } = new Dictionary<string, string?> { ["Dashboard:UndoSeconds"] = "0" };

    private static IReadOnlyDictionary<string, string?> Defaults { get; } = new Dictionary<string, string?>();

    /// <summary>A system with an empty job store, or the one given.</summary>
    /// <param name="browser">For the page.</param>
    /// <param name="options">The page's.</param>
    /// <param name="settings">The system's; with others than none and <see cref="AtOnce"/> it is the test's own.</param>
    /// <param name="store">What is on record.</param>
    /// <param name="own">Whether it is the test's own because it leaves services at work.</param>
    public static async Task<DashboardSystem> StartAsync(
        Browser browser, BrowserNewContextOptions? options = null, IReadOnlyDictionary<string, string?>? settings = null, InMemoryJobStore? store = null, bool own = false)
    {
        settings ??= Defaults;
        store ??= new InMemoryJobStore(Jobs.LongLeases);
        if (own || (settings != Defaults && settings != AtOnce))
        {
            var system = await StartedSystem.StartAsync(settings, store, redis: null, Cancellation);
            return await OpenAsync(browser, options, system.Gateway, store, system.DisposeAsync);
        }

        var systems = await TestContext.Current.GetFixture<SharedSystems>();
        var shared = await systems!.TakeAsync(settings, store, Cancellation);
        return await OpenAsync(browser, options, shared.Gateway, store, shared.LeaveAsync);
    }

    /// <summary>The same on a Redis.</summary>
    /// <param name="browser">For the page.</param>
    /// <param name="system">The system, which the test shares with others.</param>
    public static Task<DashboardSystem> OpenOnRedisAsync(Browser browser, StartedSystem system) => OpenAsync(browser, null, system.Gateway, null, () => ValueTask.CompletedTask);

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
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await Store.GetAsync(queue, jobId, limit.Token))?.State != state)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Gateway.Dispose();
        await _context.DisposeAsync();
        await _leave();
    }

    private static async Task<DashboardSystem> OpenAsync(Browser browser, BrowserNewContextOptions? options, Uri gateway, InMemoryJobStore? store, Func<ValueTask> leave)
    {
        try
        {
            options ??= new BrowserNewContextOptions();
            options.BaseURL = gateway.ToString();
            var context = await browser.NewContextAsync(options);
            context.SetDefaultTimeout(Patience);
            var page = await context.NewPageAsync();
            var opened = new DashboardSystem(gateway, store, context, page, leave);
            page.PageError += (_, error) => opened._complaints.Add(error);
            page.Console += (_, message) =>
            {
                // A batch that no service tells more about is no fault of the pages, nor is a queue that is not healthy, which is answered with 503.
                if (message.Type == "error" && !message.Location.Contains("/batches/", StringComparison.Ordinal) && !message.Location.Contains("/queue/health", StringComparison.Ordinal))
                {
                    opened._complaints.Add(message.Text);
                }
            };
            return opened;
        }
        catch
        {
            await leave();
            throw;
        }
    }
}
