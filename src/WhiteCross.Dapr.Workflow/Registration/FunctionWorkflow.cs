namespace Dapr.Workflow.Registration;

/// <summary>A workflow that is a function.</summary>
internal sealed class FunctionWorkflow<TInput, TOutput>(Func<WorkflowContext, TInput, Task<TOutput>> implementation) : Workflow<TInput, TOutput>
{
    /// <inheritdoc/>
    public override Task<TOutput> RunAsync(WorkflowContext context, TInput input) => implementation(context, input);
}
