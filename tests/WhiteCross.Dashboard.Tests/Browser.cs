using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(WhiteCross.Dashboard.Tests.Browser))]

namespace WhiteCross.Dashboard.Tests;

/// <summary>The machine's Chromium, one for all tests. Without one they fail, and say what to do.</summary>
public sealed class Browser : IAsyncLifetime
{
    // The first is the same engine without windows, which a desk's browser makes for each page also where nobody sees them, at twice the processor time.
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(DashboardSystem.Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Find(),
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }

    public Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options) =>
        (_browser ?? throw new InvalidOperationException("The browser has not started.")).NewContextAsync(options);

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string Find() =>
        Environment.GetEnvironmentVariable("TEST_CHROMIUM") is { Length: > 0 } chosen
            ? chosen
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
                .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
                .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no Chromium on the PATH: install the package 'chromium', or set TEST_CHROMIUM to a browser's path.");
}
