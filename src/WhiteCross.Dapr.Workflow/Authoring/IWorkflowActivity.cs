namespace Dapr.Workflow.Abstractions;

/// <summary>An activity, as the worker sees it. Derive from <see cref="WorkflowActivity{TInput,TOutput}"/> to write one.</summary>
public interface IWorkflowActivity
{
    /// <summary>What the activity takes.</summary>
    Type InputType { get; }

    /// <summary>What the activity returns.</summary>
    Type OutputType { get; }

    /// <summary>Runs the activity.</summary>
    /// <param name="context">Which call this is.</param>
    /// <param name="input">Its input, of <see cref="InputType"/>.</param>
    Task<object?> RunAsync(WorkflowActivityContext context, object? input);
}
