namespace Dapr.Workflow;

/// <summary>A workflow, as the worker sees it. Derive from <see cref="Workflow{TInput,TOutput}"/> to write one.</summary>
public interface IWorkflow
{
    /// <summary>What the workflow takes.</summary>
    Type InputType { get; }

    /// <summary>What the workflow returns.</summary>
    Type OutputType { get; }

    /// <summary>Runs the workflow.</summary>
    /// <param name="context">What the workflow may do.</param>
    /// <param name="input">Its input, of <see cref="InputType"/>.</param>
    Task<object?> RunAsync(WorkflowContext context, object? input);
}
