using System.Net;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

/// <summary>The fake sidecar behind a port of its own.</summary>
internal sealed class SidecarHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SidecarHost(WebApplication app, FakeSidecar sidecar)
    {
        _app = app;
        Sidecar = sidecar;
    }

    public FakeSidecar Sidecar { get; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<SidecarHost> StartAsync(FakeSidecar? sidecar = null, TimeProvider? time = null, int? maxMessage = null, int port = 0)
    {
        sidecar ??= new FakeSidecar(time ?? TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new FakeSidecar.Service(sidecar));
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = maxMessage;
            options.MaxSendMessageSize = maxMessage;
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<FakeSidecar.Service>();
        await app.StartAsync();
        return new SidecarHost(app, sidecar);
    }

    /// <summary>Starts an app with a worker against this sidecar.</summary>
    public async Task<IHost> StartAppAsync(
        Action<WorkflowRuntimeOptions> configure, Action<IServiceCollection>? services = null, Action<IConfigurationBuilder>? configuration = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["DAPR_GRPC_ENDPOINT"] = Address.ToString();
        configuration?.Invoke(builder.Configuration);
        builder.Services.AddSingleton(WorkerLimits.Default with
        {
            FirstReconnectPause = TimeSpan.FromMilliseconds(20),
            LongestReconnectPause = TimeSpan.FromMilliseconds(100),
        });
        services?.Invoke(builder.Services);
        builder.Services.AddDaprWorkflow(configure);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        Sidecar.BreakStreams();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        Sidecar.Dispose();
    }
}
