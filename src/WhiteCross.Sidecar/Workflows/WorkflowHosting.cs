using StackExchange.Redis;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Workflows.Engine;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Workflows;

/// <summary>The workflow engine of a sidecar: there is one when the app has a state store with <c>actorStateStore</c>, as in Dapr.</summary>
internal sealed class WorkflowHosting : IAsyncDisposable
{
    private readonly IConnectionMultiplexer? _connection;

    private WorkflowHosting(WorkflowEngine engine, WorkflowEngineOptions options, IConnectionMultiplexer? connection) =>
        (Engine, Options, _connection) = (engine, options, connection);

    public WorkflowEngine Engine { get; }

    public WorkflowEngineOptions Options { get; }

    /// <returns>Null when the app has no such state store.</returns>
    public static async Task<WorkflowHosting?> StartAsync(
        SidecarOptions sidecar, ResourceSet resources, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (resources.Components.FirstOrDefault(component => component.Kind == ComponentKind.Statestore && component.Metadata.Flag("actorStateStore")) is not { } component)
        {
            return null;
        }

        var options = new WorkflowEngineOptions
        {
            MaxConcurrentWorkflowInvocations = resources.Configuration.MaxConcurrentWorkflowInvocations,
            MaxConcurrentActivityInvocations = resources.Configuration.MaxConcurrentActivityInvocations,
            MaxMessageSize = (int)sidecar.MaxBodySize,
        };
        IConnectionMultiplexer? connection = null;
        IWorkflowStore store;
        if (sidecar.Broker is { } broker)
        {
            store = broker.WorkflowsOf(sidecar.AppId);
        }
        else
        {
            var settings = RedisConnectionSettings.Of(component);
            connection = await settings.ConnectAsync(component);
            store = new RedisWorkflowStore(connection, sidecar.AppId, settings.Database);
        }

        try
        {
            return new WorkflowHosting(await WorkflowEngine.StartAsync(store, options, time, loggers.CreateLogger<WorkflowEngine>(), cancellationToken), options, connection);
        }
        catch
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await (_connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
