namespace Dapr.Workflow;

/// <summary>
/// A durable workflow. Its code is run again from the start on every turn, over the recorded history, so it must decide the same each time: no I/O, no
/// clock, no random numbers, no threads; those belong in activities, and what the <see cref="WorkflowContext"/> offers replaces them.
/// </summary>
/// <typeparam name="TInput">What it takes; JSON, stored in the history.</typeparam>
/// <typeparam name="TOutput">What it returns; JSON, stored in the history.</typeparam>
public abstract class Workflow<TInput, TOutput> : IWorkflow
{
    /// <inheritdoc/>
    Type IWorkflow.InputType => typeof(TInput);

    /// <inheritdoc/>
    Type IWorkflow.OutputType => typeof(TOutput);

    /// <inheritdoc/>
    async Task<object?> IWorkflow.RunAsync(WorkflowContext context, object? input) => await RunAsync(context, (TInput)input!);

    /// <summary>The workflow's code.</summary>
    /// <param name="context">What the workflow may do.</param>
    /// <param name="input">Its input.</param>
    /// <returns>Its output; an exception that leaves this method fails the workflow.</returns>
    public abstract Task<TOutput> RunAsync(WorkflowContext context, TInput input);
}
