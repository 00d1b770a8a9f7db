using System.Net;
using Dapr.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WhiteCross.Sidecar.Workflows;
using WhiteCross.Sidecar.Workflows.Api;
using WhiteCross.Sidecar.Workflows.Engine;
using WhiteCross.Sidecar.Workflows.Storage;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>The workflow engine behind a gRPC and an HTTP port, without the rest of a sidecar.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EngineHost(WebApplication app, WorkflowEngine engine)
    {
        _app = app;
        Engine = engine;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        (Grpc, Http) = (addresses[0], addresses[1]);
    }

    public WorkflowEngine Engine { get; }

    public Uri Grpc { get; }

    public Uri Http { get; }

    public static async Task<EngineHost> StartAsync(
        IWorkflowStore store, WorkflowEngineOptions? options = null, TimeProvider? time = null, int grpcPort = 0)
    {
        grpcPort = grpcPort == 0 ? FreePorts.Take() : grpcPort; // One on which the engine can be started again.
        options ??= new WorkflowEngineOptions { RetryPause = TimeSpan.FromMilliseconds(50) };
        time ??= TimeProvider.System;
        var engine = await WorkflowEngine.StartAsync(store, options, time, NullLogger<WorkflowEngine>.Instance, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(engine);
        builder.Services.AddSingleton(time);
        builder.Services.AddWorkflowApi(options);
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = options.MaxMessageSize);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, grpcPort, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.MapWorkflowGrpc();
        app.MapWorkflowHttp(engine);
        await app.StartAsync();
        return new EngineHost(app, engine);
    }

    /// <summary>Starts an app with a worker.</summary>
    public async Task<IHost> StartAppAsync(Action<WorkflowRuntimeOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", Grpc.ToString())]);
        builder.Services.AddDaprWorkflow(configure);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Ends without a goodbye: what is under way is cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
