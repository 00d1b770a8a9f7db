using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WhiteCross.Sidecar.Workflows.Engine;

namespace WhiteCross.Sidecar.Workflows.Api;

/// <summary>The workflow protocol on the sidecar's gRPC port, for workers and clients.</summary>
internal sealed class TaskHubService(WorkflowEngine engine, WorkflowEngineOptions options, TimeProvider time) : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private const int DefaultPage = 1024;
    private const int PruneEvery = 256;

    // What a stream remembers of an item does not include its payload.
    private static readonly WorkItem Answered = new();

    /// <inheritdoc/>
    public override Task<Empty> Hello(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    /// <inheritdoc/>
    public override Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context) => AnswerAsync(async () =>
        new CreateInstanceResponse { InstanceId = await engine.CreateAsync(request, context.CancellationToken) });

    /// <inheritdoc/>
    public override Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context) => AnswerAsync(async () =>
        Describe(await engine.GetStateAsync(request.InstanceId, context.CancellationToken), request));

    /// <inheritdoc/>
    public override Task<GetInstanceResponse> WaitForInstanceStart(GetInstanceRequest request, ServerCallContext context) => AnswerAsync(async () =>
        Describe(
            await engine.UntilAsync(request.InstanceId, s => s.WorkflowStatus != OrchestrationStatus.Pending, context.CancellationToken), request));

    /// <inheritdoc/>
    public override Task<GetInstanceResponse> WaitForInstanceCompletion(GetInstanceRequest request, ServerCallContext context) => AnswerAsync(async () =>
        Describe(await engine.UntilAsync(request.InstanceId, s => LiveInstance.IsEnd(s.WorkflowStatus), context.CancellationToken), request));

    /// <inheritdoc/>
    public override Task<RaiseEventResponse> RaiseEvent(RaiseEventRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.RaiseEventAsync(request.InstanceId, request.Name, request.Input, context.CancellationToken);
        return new RaiseEventResponse();
    });

    /// <inheritdoc/>
    public override Task<TerminateResponse> TerminateInstance(TerminateRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.TerminateAsync(request.InstanceId, request.Output, request.Recursive, context.CancellationToken);
        return new TerminateResponse();
    });

    /// <inheritdoc/>
    public override Task<SuspendResponse> SuspendInstance(SuspendRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.SuspendAsync(request.InstanceId, request.Reason, context.CancellationToken);
        return new SuspendResponse();
    });

    /// <inheritdoc/>
    public override Task<ResumeResponse> ResumeInstance(ResumeRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.ResumeAsync(request.InstanceId, request.Reason, context.CancellationToken);
        return new ResumeResponse();
    });

    /// <inheritdoc/>
    public override Task<PurgeInstancesResponse> PurgeInstances(PurgeInstancesRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        if (request.RequestCase != PurgeInstancesRequest.RequestOneofCase.InstanceId)
        {
            throw new WorkflowException(WorkflowRefusal.Invalid, "Purging by a filter is not known here, as in daprd; purge by instance id.");
        }

        var deleted = await engine.PurgeAsync(request.InstanceId, request.Recursive, context.CancellationToken);
        return new PurgeInstancesResponse { DeletedInstanceCount = deleted, IsComplete = true };
    });

    /// <inheritdoc/>
    public override Task<ListInstanceIDsResponse> ListInstanceIDs(ListInstanceIDsRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        var size = request.HasPageSize ? (int)Math.Clamp(request.PageSize, 1, DefaultPage) : DefaultPage;
        var after = request.HasContinuationToken ? request.ContinuationToken : "";
        var rest = (await engine.ListAsync(context.CancellationToken)).Where(id => string.CompareOrdinal(id, after) > 0).Take(size + 1).ToList();
        var response = new ListInstanceIDsResponse { InstanceIds = { rest.Take(size) } };
        if (rest.Count > size)
        {
            response.ContinuationToken = rest[size - 1];
        }

        return response;
    });

    /// <inheritdoc/>
    public override Task<GetInstanceHistoryResponse> GetInstanceHistory(GetInstanceHistoryRequest request, ServerCallContext context) =>
        AnswerAsync(async () =>
            new GetInstanceHistoryResponse { Events = { await engine.GetHistoryAsync(request.InstanceId, context.CancellationToken) } });

    /// <inheritdoc/>
    public override Task<RerunWorkflowFromEventResponse> RerunWorkflowFromEvent(RerunWorkflowFromEventRequest request, ServerCallContext context) =>
        AnswerAsync(async () => new RerunWorkflowFromEventResponse { NewInstanceID = await engine.RerunAsync(request, context.CancellationToken) });

    /// <inheritdoc/>
    public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
    {
        var given = new List<GivenItem>();
        var pruneAt = PruneEvery;
        await engine.WorkerConnectedAsync();
        try
        {
            // So that the worker knows at once that it is connected.
            await context.WriteResponseHeadersAsync([]);
            while (true)
            {
                var item = await engine.NextAsync(context.CancellationToken);
                if (given.Count >= pruneAt)
                {
                    given.RemoveAll(g => !WorkflowEngine.IsOpen(g));
                    pruneAt = (2 * given.Count) + PruneEvery;
                }

                given.Add(item with { Item = Answered });
                using var timeout = new CancellationTokenSource(options.SendTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.CancellationToken);
                await responseStream.WriteAsync(item.Item, either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker is gone, or takes nothing any more.
        }
        finally
        {
            engine.WorkerGone();
            await engine.GiveBackAsync(given);
        }
    }

    /// <inheritdoc/>
    public override Task<CompleteTaskResponse> CompleteActivityTask(ActivityResponse request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.CompleteActivityAsync(request, context.CancellationToken);
        return new CompleteTaskResponse();
    });

    /// <inheritdoc/>
    public override Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await engine.CompleteTurnAsync(request, context.CancellationToken);
        return new CompleteTaskResponse();
    });

    /// <inheritdoc/>
    public override Task<CompleteTaskResponse> CompleteWorkflowTask(WorkflowResponse request, ServerCallContext context) =>
        CompleteOrchestratorTask(request, context);

    private static GetInstanceResponse Describe(WorkflowState? state, GetInstanceRequest request)
    {
        if (state is null)
        {
            return new GetInstanceResponse { Exists = false };
        }

        var copy = state.Clone();
        if (!request.GetInputsAndOutputs)
        {
            copy.Input = null;
            copy.Output = null;
            copy.CustomStatus = null;
        }

        return new GetInstanceResponse { Exists = true, WorkflowState = copy };
    }

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (WorkflowException refused)
        {
            var status = refused.Reason switch
            {
                WorkflowRefusal.NotFound => StatusCode.NotFound,
                WorkflowRefusal.AlreadyExists => StatusCode.AlreadyExists,
                WorkflowRefusal.Invalid => StatusCode.InvalidArgument,
                WorkflowRefusal.WrongState => StatusCode.FailedPrecondition,
                _ => StatusCode.Aborted,
            };
            throw new RpcException(new Status(status, refused.Message));
        }
        catch (Exception away) when (away is StackExchange.Redis.RedisException or TimeoutException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The store of the workflows cannot be reached."));
        }
    }
}
