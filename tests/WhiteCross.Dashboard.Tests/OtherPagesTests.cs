using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>What a page of another site tries in a real browser, on a gateway that asks nobody who they are.</summary>
public sealed class OtherPagesTests(Browser browser)
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_and_a_script_of_another_page_change_nothing_and_read_nothing()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await using var other = await OtherSite.StartAsync(system.Gateway.BaseAddress!);

        await system.Page.GotoAsync($"{other.Address}form");
        var answer = await system.Page.RunAndWaitForResponseAsync(() => system.Page.ClickAsync("button"), response => response.Url.EndsWith("/pause", StringComparison.Ordinal));
        Assert.Equal(403, answer.Status);
        await system.Page.GotoAsync($"{other.Address}form");
        var tried = await system.Page.EvaluateAsync<string>(
            $$"""
            async () => {
              const of = async (path, options) => { try { const a = await fetch('{{system.Gateway.BaseAddress}}' + path, options); return a.type + a.status; } catch { return 'refused'; } };
              return [
                await of('queue/{{Queue}}/pause', { method: 'POST', mode: 'no-cors' }),
                await of('queue/{{Queue}}/jobs', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"data":{ } }' }),
                await of('queue/{{Queue}}/jobs', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"data":{ } }' }),
                await of('queue/metrics'),
              ].join();
            }
            """);

        // Not even that something was answered.
        Assert.Equal("refused,refused,refused,refused", tried);
        var metrics = (await system.Store.GetMetricsAsync([Queue], Cancellation))[0];
        Assert.Equal((false, 0L), (metrics.IsPaused, metrics.Added));
    }

    [Fact]
    public async Task Another_page_opens_no_hub_and_no_stream_of_events()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await using var other = await OtherSite.StartAsync(system.Gateway.BaseAddress!);
        await system.Page.GotoAsync($"{other.Address}form");

        var tried = await system.Page.EvaluateAsync<string>(
            $$"""
            async () => {
              const gateway = '{{system.Gateway.BaseAddress}}';
              const hub = await new Promise(done => {
                const socket = new WebSocket(gateway.replace('http', 'ws') + 'hubs/messages?userId={{Guid.NewGuid()}}');
                socket.onopen = () => done('open');
                socket.onerror = () => done('refused');
              });
              const stream = await new Promise(done => {
                const events = new EventSource(gateway + 'queue/events');
                events.onopen = () => done('open');
                events.onerror = () => { events.close(); done('refused'); };
              });
              return hub + ',' + stream;
            }
            """);

        Assert.Equal("refused,refused", tried);
    }

    [Fact]
    public async Task A_name_that_was_bound_anew_to_this_machine_is_not_answered()
    {
        await using var system = await DashboardSystem.StartAsync(browser);

        // Whatever ends in localhost is this machine to a browser, as a name is whose owner has bound it anew.
        var page = await system.Page.GotoAsync($"http://rebound.localhost:{system.Gateway.BaseAddress!.Port}/queue/metrics");

        Assert.Equal(421, page!.Status);
    }

    /// <summary>A site of somebody else's, as its browser has it: another port is another origin.</summary>
    private sealed class OtherSite(WebApplication app) : IAsyncDisposable
    {
        public Uri Address => new(app.Urls.Single());

        public static async Task<OtherSite> StartAsync(Uri gateway)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.MapGet("/form", () => Results.Content(
                $"""<form method="post" action="{gateway}queue/{Queue}/pause"><button>Win a prize</button></form>""", "text/html"));
            await app.StartAsync(Cancellation);
            return new OtherSite(app);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
