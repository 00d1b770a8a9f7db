using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using WhiteCross.Chaos.Checking;

namespace WhiteCross.Chaos.Running;

/// <summary>Stands for those whom steps send to: writes down each request, with its idempotency key, and never fails. Nothing of the system under test knows its book.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeProvider(WebApplication app) => _app = app;

    /// <summary>What it was asked to do, as it came.</summary>
    public ConcurrentQueue<Sending> Sendings { get; } = new();

    /// <summary>Where it listens.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<FakeProvider> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var provider = new FakeProvider(builder.Build());
        provider._app.MapPost("/send/{job}/{step}", (string job, string step, string run) =>
        {
            provider.Sendings.Enqueue(new Sending(job, step, run, TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency)));
            return Results.StatusCode(StatusCodes.Status201Created);
        });
        await provider._app.StartAsync(cancellationToken);
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
