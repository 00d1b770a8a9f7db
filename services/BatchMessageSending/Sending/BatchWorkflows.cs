using Dapr.Workflow;
using Grpc.Core;

namespace WhiteCross.BatchMessageSending;

/// <summary>The workflow instances of batches; an instance's id is its batch's.</summary>
public sealed class BatchWorkflows(DaprWorkflowClient client, TimeProvider time)
{
    // A chunk takes far less; what has not come to its end by then hangs in the retries of one and is ended from outside.
    private static readonly TimeSpan PatienceToStop = TimeSpan.FromSeconds(10);

    /// <summary>Starts a batch's workflow, unless there is one.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="jobId">Its job.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task EnsureStartedAsync(Guid batchId, string jobId, CancellationToken cancellationToken)
    {
        if (await FindAsync(batchId, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await client.ScheduleNewWorkflowAsync(
                nameof(BatchSendWorkflow), Id(batchId), new BatchRun(batchId, jobId), (DateTimeOffset?)null, cancellationToken);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The call may have been carried out and its answer lost.
            if (await FindAsync(batchId, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    /// <summary>A batch's workflow; null when there is none.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<WorkflowState?> FindAsync(Guid batchId, CancellationToken cancellationToken) =>
        await client.GetWorkflowStateAsync(Id(batchId), getInputsAndOutputs: true, cancellationToken) is { Exists: true } state ? state : null;

    /// <summary>Waits until a batch's workflow has ended, but only so long.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="patience">How long.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitForEndAsync(Guid batchId, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var impatience = new CancellationTokenSource(patience, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, impatience.Token);
        try
        {
            await client.WaitForWorkflowCompletionAsync(Id(batchId), getInputsAndOutputs: false, waiting.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (InvalidOperationException)
        {
            // There is no such workflow any more.
        }
    }

    /// <summary>Stops a batch after the chunk that is being sent, and forgets its workflow.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The workflow's end; null when there is none.</returns>
    public async Task<WorkflowState?> StopAsync(Guid batchId, CancellationToken cancellationToken)
    {
        if (await FindAsync(batchId, cancellationToken) is not { } state)
        {
            return null;
        }

        if (!state.IsWorkflowCompleted)
        {
            await client.RaiseEventAsync(Id(batchId), BatchSendWorkflow.CancelEvent, cancellation: cancellationToken);
            if (state.RuntimeStatus == WorkflowRuntimeStatus.Suspended)
            {
                await client.ResumeWorkflowAsync(Id(batchId), cancellation: cancellationToken);
            }

            state = await EndOfAsync(batchId, cancellationToken);
            if (state is { IsWorkflowCompleted: false })
            {
                await client.TerminateWorkflowAsync(Id(batchId), cancellation: cancellationToken);
                state = await EndOfAsync(batchId, cancellationToken);
            }
        }

        await ForgetAsync(batchId, cancellationToken);
        return state;
    }

    /// <summary>Suspends a batch's workflow.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SuspendAsync(Guid batchId, CancellationToken cancellationToken) => client.SuspendWorkflowAsync(Id(batchId), cancellation: cancellationToken);

    /// <summary>Resumes a batch's workflow.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task ResumeAsync(Guid batchId, CancellationToken cancellationToken) => client.ResumeWorkflowAsync(Id(batchId), cancellation: cancellationToken);

    /// <summary>Forgets the workflow of a batch that has ended.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task ForgetAsync(Guid batchId, CancellationToken cancellationToken) => client.PurgeInstanceAsync(Id(batchId), cancellationToken);

    private static string Id(Guid batchId) => batchId.ToString();

    private async Task<WorkflowState?> EndOfAsync(Guid batchId, CancellationToken cancellationToken)
    {
        await WaitForEndAsync(batchId, PatienceToStop, cancellationToken);
        return await FindAsync(batchId, cancellationToken);
    }
}
