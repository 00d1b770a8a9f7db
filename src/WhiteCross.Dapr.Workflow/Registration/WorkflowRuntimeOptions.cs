using Dapr.Workflow.Abstractions;
using Dapr.Workflow.Registration;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Dapr.Workflow;

/// <summary>
/// The workflows and activities of this app. Names are compared without regard to case, and the first registration of a name wins. Objects are made
/// anew for each work item, in a scope of their own, with constructor injection.
/// </summary>
public sealed class WorkflowRuntimeOptions
{
    internal Dictionary<string, Func<IServiceProvider, IWorkflow>> Workflows { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> Activities { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal GrpcChannelOptions? ChannelOptions { get; private set; }

    /// <summary>Registers a workflow.</summary>
    /// <typeparam name="TWorkflow">The workflow's class.</typeparam>
    /// <param name="name">Its name; null: the class's name without namespace.</param>
    public void RegisterWorkflow<TWorkflow>(string? name = null)
        where TWorkflow : class, IWorkflow
    {
        var create = ActivatorUtilities.CreateFactory<TWorkflow>([]);
        Workflows.TryAdd(NameOf<TWorkflow>(name), services => create(services, []));
    }

    /// <summary>Registers a workflow that is a function.</summary>
    /// <typeparam name="TInput">What it takes.</typeparam>
    /// <typeparam name="TOutput">What it returns.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="implementation">Its code.</param>
    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        var workflow = new FunctionWorkflow<TInput, TOutput>(implementation);
        Workflows.TryAdd(name, _ => workflow);
    }

    /// <summary>Registers an activity.</summary>
    /// <typeparam name="TActivity">The activity's class.</typeparam>
    /// <param name="name">Its name; null: the class's name without namespace.</param>
    public void RegisterActivity<TActivity>(string? name = null)
        where TActivity : class, IWorkflowActivity
    {
        var create = ActivatorUtilities.CreateFactory<TActivity>([]);
        Activities.TryAdd(NameOf<TActivity>(name), services => create(services, []));
    }

    /// <summary>Registers an activity that is a function.</summary>
    /// <typeparam name="TInput">What it takes.</typeparam>
    /// <typeparam name="TOutput">What it returns.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="implementation">Its code.</param>
    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        var activity = new FunctionActivity<TInput, TOutput>(implementation);
        Activities.TryAdd(name, _ => activity);
    }

    /// <summary>Sets the options of the channel to the sidecar. Default: no limit on message sizes, since the sidecar has its own.</summary>
    /// <param name="grpcChannelOptions">The options.</param>
    public void UseGrpcChannelOptions(GrpcChannelOptions grpcChannelOptions)
    {
        ArgumentNullException.ThrowIfNull(grpcChannelOptions);
        ChannelOptions = grpcChannelOptions;
    }

    private static string NameOf<T>(string? name) => string.IsNullOrWhiteSpace(name) ? typeof(T).Name : name;
}
