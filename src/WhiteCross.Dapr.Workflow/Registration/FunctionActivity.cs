namespace Dapr.Workflow.Registration;

/// <summary>An activity that is a function.</summary>
internal sealed class FunctionActivity<TInput, TOutput>(Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    : WorkflowActivity<TInput, TOutput>
{
    /// <inheritdoc/>
    public override Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input) => implementation(context, input);
}
