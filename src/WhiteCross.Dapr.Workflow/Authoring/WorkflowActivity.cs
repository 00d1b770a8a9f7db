using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>
/// A step of a workflow, where all I/O lives. It runs at least once: it may run again after a crash although it had finished, with the same
/// <see cref="WorkflowActivityContext.TaskExecutionKey"/>.
/// </summary>
/// <typeparam name="TInput">What it takes; JSON, stored in the history.</typeparam>
/// <typeparam name="TOutput">What it returns; JSON, stored in the history.</typeparam>
public abstract class WorkflowActivity<TInput, TOutput> : IWorkflowActivity
{
    /// <inheritdoc/>
    Type IWorkflowActivity.InputType => typeof(TInput);

    /// <inheritdoc/>
    Type IWorkflowActivity.OutputType => typeof(TOutput);

    /// <inheritdoc/>
    public async Task<object?> RunAsync(WorkflowActivityContext context, object? input) => await RunAsync(context, (TInput)input!);

    /// <summary>The activity's code.</summary>
    /// <param name="context">Which call this is.</param>
    /// <param name="input">Its input.</param>
    /// <returns>Its output; an exception that leaves this method fails this call.</returns>
    public abstract Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input);
}
