using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// The workflow instances of batches; an instance's id is its batch's. The package's client waits for a sidecar that is away, and the engine lets wait for
/// workers, purged instances and placement: each call has a deadline, after which it throws <see cref="SidecarAwayException"/>.
/// </summary>
internal sealed class BatchWorkflows(DaprWorkflowClient client, IOptions<BatchOptions> options, TimeProvider time)
{
    /// <summary>For callers over HTTP, who get an answer within the 10 s that sidecars give to a request, even one of two calls.</summary>
    public static readonly TimeSpan PatienceOfRequests = TimeSpan.FromSeconds(3);

    // A chunk takes far less; what has not come to its end by then hangs in the retries of one and is ended from outside.
    private static readonly TimeSpan PatienceToStop = TimeSpan.FromSeconds(10);

    /// <summary>Starts a batch's workflow. One that is there already and has not ended goes on.</summary>
    public async Task StartAsync(Guid batchId, string jobId, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(
                token => client.ScheduleNewWorkflowAsync(nameof(BatchSendWorkflow), Id(batchId), new BatchRun(batchId, jobId), (DateTimeOffset?)null, token),
                null,
                cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists)
        {
            // Started by an earlier attempt.
        }
        catch (SidecarAwayException)
        {
            // The call may have been carried out: the engine answers only once a worker has taken the workflow's first turn.
            if (await FindAsync(batchId, null, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    /// <summary>A batch's workflow; null when there is none.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="patience">How long the answer may take; null: as the options say.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<WorkflowState?> FindAsync(Guid batchId, TimeSpan? patience, CancellationToken cancellationToken) => AskAsync(
        async token => await client.GetWorkflowStateAsync(Id(batchId), getInputsAndOutputs: true, token) is { Exists: true } state ? state : null,
        patience,
        cancellationToken);

    /// <summary>Waits until a batch's workflow has ended, but only so long. That it does not end says nothing of the engine.</summary>
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
        catch (Exception exception) when (exception is InvalidOperationException or RpcException { StatusCode: StatusCode.NotFound })
        {
            // There is no such workflow any more.
        }
        catch (RpcException)
        {
            // Whoever asks next learns whether the engine is away. Not at once: an engine that refuses to wait would be asked without a pause.
            await Task.Delay(patience, time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Stops a batch after the chunk that is being sent, and forgets its workflow.</summary>
    /// <returns>The workflow's end; null when there is none.</returns>
    public async Task<WorkflowState?> StopAsync(Guid batchId, CancellationToken cancellationToken)
    {
        if (await FindAsync(batchId, null, cancellationToken) is not { } state)
        {
            return null;
        }

        if (!state.IsWorkflowCompleted)
        {
            await DoAsync(token => client.RaiseEventAsync(Id(batchId), BatchSendWorkflow.CancelEvent, cancellation: token), null, cancellationToken);
            if (state.RuntimeStatus == WorkflowRuntimeStatus.Suspended)
            {
                await ResumeAsync(batchId, null, cancellationToken);
            }

            state = await EndOfAsync(batchId, cancellationToken);
            if (state is { IsWorkflowCompleted: false })
            {
                await DoAsync(token => client.TerminateWorkflowAsync(Id(batchId), cancellation: token), null, cancellationToken);
                state = await EndOfAsync(batchId, cancellationToken);
            }
        }

        await ForgetAsync(batchId, cancellationToken);
        return state;
    }

    /// <summary>Suspends a batch's workflow.</summary>
    public Task SuspendAsync(Guid batchId, TimeSpan? patience, CancellationToken cancellationToken) =>
        DoAsync(token => client.SuspendWorkflowAsync(Id(batchId), cancellation: token), patience, cancellationToken);

    /// <summary>Resumes a batch's workflow.</summary>
    public Task ResumeAsync(Guid batchId, TimeSpan? patience, CancellationToken cancellationToken) =>
        DoAsync(token => client.ResumeWorkflowAsync(Id(batchId), cancellation: token), patience, cancellationToken);

    /// <summary>Forgets the workflow of a batch that has ended.</summary>
    public Task ForgetAsync(Guid batchId, CancellationToken cancellationToken) =>
        DoAsync(token => client.PurgeInstanceAsync(Id(batchId), token), null, cancellationToken);

    private static string Id(Guid batchId) => batchId.ToString();

    private async Task<WorkflowState?> EndOfAsync(Guid batchId, CancellationToken cancellationToken)
    {
        await WaitForEndAsync(batchId, PatienceToStop, cancellationToken);
        return await FindAsync(batchId, null, cancellationToken);
    }

    // One that is gone meanwhile needs nothing done to it.
    private async Task DoAsync(Func<CancellationToken, Task> call, TimeSpan? patience, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(
                async token =>
                {
                    await call(token);
                    return true;
                },
                patience,
                cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
        }
    }

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var longest = options.Value.EngineTimeout;
        return SidecarAwayException.AskAsync(SidecarAwayException.Engine, ask, patience < longest ? patience.Value : longest, time, cancellationToken);
    }
}
