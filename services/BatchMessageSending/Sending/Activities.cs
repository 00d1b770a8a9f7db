using Dapr.Workflow;

namespace WhiteCross.BatchMessageSending;

/// <summary>Plans a batch.</summary>
internal sealed class PlanBatch(BatchPlanner planner, IHostApplicationLifetime lifetime) : WorkflowActivity<BatchRun, BatchPlan>
{
    /// <inheritdoc/>
    public override Task<BatchPlan> RunAsync(WorkflowActivityContext context, BatchRun input) => planner.PlanAsync(input, lifetime.ApplicationStopping);
}

/// <summary>Sends a chunk of a batch.</summary>
internal sealed class SendChunk(ChunkSender sender, IHostApplicationLifetime lifetime) : WorkflowActivity<ChunkToSend, ChunkSent>
{
    /// <inheritdoc/>
    public override Task<ChunkSent> RunAsync(WorkflowActivityContext context, ChunkToSend input) => sender.SendAsync(input, lifetime.ApplicationStopping);
}

/// <summary>Ends a batch.</summary>
internal sealed class EndBatch(BatchEnding ending, IHostApplicationLifetime lifetime) : WorkflowActivity<BatchEnd, BatchResult>
{
    /// <inheritdoc/>
    public override Task<BatchResult> RunAsync(WorkflowActivityContext context, BatchEnd input) => ending.EndAsync(input, lifetime.ApplicationStopping);
}
