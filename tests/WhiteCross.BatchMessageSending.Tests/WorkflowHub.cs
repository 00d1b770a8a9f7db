using System.Net;
using System.Threading.Channels;
using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Something that speaks the protocol of workflow workers, with the official worker connected to it.</summary>
internal sealed class WorkflowHub : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly IHost _worker;

    private WorkflowHub(WebApplication server, IHost worker) => (_server, _worker) = (server, worker);

    public IServiceProvider WorkerServices => _worker.Services;

    public static async Task<WorkflowHub> StartAsync(Action<IServiceCollection> addHub, Action<WebApplication> mapHub, Action<WorkflowRuntimeOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        addHub(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var server = builder.Build();
        mapHub(server);
        await server.StartAsync(BatchService.Cancellation);

        var worker = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        worker.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First())]);
        worker.Services.AddDaprWorkflow(configure);
        var host = worker.Build();
        await host.StartAsync(BatchService.Cancellation);
        return new WorkflowHub(server, host);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync(CancellationToken.None);
        _worker.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Gives the worker the turns that a test wants decided, and nothing else.</summary>
internal sealed class TurnsOfTest : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private readonly Channel<WorkItem> _turns = Channel.CreateUnbounded<WorkItem>();
    private readonly Channel<WorkflowResponse> _decisions = Channel.CreateUnbounded<WorkflowResponse>();

    /// <summary>What the worker decides in a turn.</summary>
    public async Task<WorkflowResponse> DecideAsync(IEnumerable<HistoryEvent> past, IEnumerable<HistoryEvent> happened)
    {
        await _turns.Writer.WriteAsync(new WorkItem { WorkflowRequest = new WorkflowRequest { InstanceId = "instance-1", PastEvents = { past }, NewEvents = { happened } } });
        return await _decisions.Reader.ReadAsync(BatchService.Cancellation);
    }

    public override Task<Google.Protobuf.WellKnownTypes.Empty> Hello(Google.Protobuf.WellKnownTypes.Empty request, ServerCallContext context) => Task.FromResult(request);

    public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
    {
        await foreach (var turn in _turns.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(turn);
        }
    }

    public override async Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context)
    {
        await _decisions.Writer.WriteAsync(request);
        return new CompleteTaskResponse();
    }

    public override Task<CompleteTaskResponse> CompleteWorkflowTask(WorkflowResponse request, ServerCallContext context) => CompleteOrchestratorTask(request, context);
}
