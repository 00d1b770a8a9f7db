using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

internal sealed partial class FakeSidecar
{
    /// <summary>The gRPC face of the fake sidecar.</summary>
    internal sealed class Service(FakeSidecar sidecar) : TaskHubSidecarService.TaskHubSidecarServiceBase
    {
        public override Task<Empty> Hello(Empty request, ServerCallContext context)
        {
            Note("Hello", context);
            return Task.FromResult(new Empty());
        }

        public override async Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
        {
            Note("StartInstance", context);
            FakeInstance instance;
            lock (sidecar._gate)
            {
                instance = sidecar.Create(request.InstanceId, request.Name, request.Input ?? "", null);
            }

            await sidecar.UntilAsync(() => instance.Status != OrchestrationStatus.Pending, context.CancellationToken);
            return new CreateInstanceResponse { InstanceId = request.InstanceId };
        }

        public override Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                return Task.FromResult(Describe(request));
            }
        }

        public override Task<GetInstanceResponse> WaitForInstanceStart(GetInstanceRequest request, ServerCallContext context) =>
            WaitAsync(request, i => i.Status != OrchestrationStatus.Pending, context);

        public override Task<GetInstanceResponse> WaitForInstanceCompletion(GetInstanceRequest request, ServerCallContext context) =>
            WaitAsync(request, i => i.IsOver, context);

        public override Task<RaiseEventResponse> RaiseEvent(RaiseEventRequest request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                var raised = new HistoryEvent { EventRaised = new EventRaisedEvent { Name = request.Name, Input = request.Input } };
                sidecar.Deliver(Find(request.InstanceId), raised);
            }

            return Task.FromResult(new RaiseEventResponse());
        }

        public override async Task<TerminateResponse> TerminateInstance(TerminateRequest request, ServerCallContext context)
        {
            var instance = DeliverTo(
                request.InstanceId,
                new HistoryEvent { ExecutionTerminated = new ExecutionTerminatedEvent { Input = request.Output, Recurse = request.Recursive } });
            await sidecar.UntilAsync(() => instance.IsOver, context.CancellationToken);
            return new TerminateResponse();
        }

        public override async Task<SuspendResponse> SuspendInstance(SuspendRequest request, ServerCallContext context)
        {
            var instance = DeliverTo(
                request.InstanceId, new HistoryEvent { ExecutionSuspended = new ExecutionSuspendedEvent { Input = request.Reason } });
            await sidecar.UntilAsync(() => instance.Status == OrchestrationStatus.Suspended, context.CancellationToken);
            return new SuspendResponse();
        }

        public override async Task<ResumeResponse> ResumeInstance(ResumeRequest request, ServerCallContext context)
        {
            var instance = DeliverTo(request.InstanceId, new HistoryEvent { ExecutionResumed = new ExecutionResumedEvent { Input = request.Reason } });
            await sidecar.UntilAsync(() => instance.Status != OrchestrationStatus.Suspended, context.CancellationToken);
            return new ResumeResponse();
        }

        public override Task<PurgeInstancesResponse> PurgeInstances(PurgeInstancesRequest request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                if (!sidecar._instances.TryGetValue(request.InstanceId, out var instance))
                {
                    return Task.FromResult(new PurgeInstancesResponse());
                }

                if (!instance.IsOver)
                {
                    throw new RpcException(new Status(StatusCode.FailedPrecondition, "not over"));
                }

                sidecar._instances.Remove(request.InstanceId);
                return Task.FromResult(new PurgeInstancesResponse { DeletedInstanceCount = 1, IsComplete = true });
            }
        }

        public override Task<ListInstanceIDsResponse> ListInstanceIDs(ListInstanceIDsRequest request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                var ids = sidecar._instances.Keys.Order(StringComparer.Ordinal).ToList();
                var from = request.HasContinuationToken ? ids.FindIndex(i => string.CompareOrdinal(i, request.ContinuationToken) > 0) : 0;
                var page = from < 0 ? [] : ids.Skip(from).Take(request.HasPageSize ? (int)request.PageSize : ids.Count).ToList();
                var response = new ListInstanceIDsResponse { InstanceIds = { page } };
                if (page.Count > 0 && page[^1] != ids[^1])
                {
                    response.ContinuationToken = page[^1];
                }

                return Task.FromResult(response);
            }
        }

        public override Task<GetInstanceHistoryResponse> GetInstanceHistory(GetInstanceHistoryRequest request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                return Task.FromResult(new GetInstanceHistoryResponse { Events = { Find(request.InstanceId).History } });
            }
        }

        public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
        {
            Note("GetWorkItems", context);
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
            var given = new List<WorkItem>();
            Interlocked.Increment(ref sidecar._streamsOpened);
            sidecar._streams.TryAdd(broken, true);
            lock (sidecar._gate)
            {
                sidecar.Changed();
            }

            try
            {
                await foreach (var item in sidecar._work.Reader.ReadAllAsync(broken.Token))
                {
                    given.Add(item);
                    if (item.ActivityRequest is { } activity)
                    {
                        sidecar.GivenOut.Enqueue(activity);
                    }

                    await responseStream.WriteAsync(item, broken.Token);
                }
            }
            catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the sidecar goes down"));
            }
            finally
            {
                sidecar._streams.TryRemove(broken, out _);
                GiveOutAgain(given);
            }
        }

        public override Task<CompleteTaskResponse> CompleteActivityTask(ActivityResponse request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                if (!sidecar._instances.TryGetValue(request.InstanceId, out var instance) || !instance.Activities.Remove(request.TaskId, out var activity))
                {
                    throw new RpcException(new Status(StatusCode.NotFound, "nobody waits for this activity"));
                }

                sidecar.Answers.Enqueue((request, sidecar.OpenStreams));
                sidecar.Deliver(instance, request.FailureDetails is null
                    ? new HistoryEvent
                    {
                        TaskCompleted = new TaskCompletedEvent
                        {
                            TaskScheduledId = request.TaskId,
                            Result = request.Result,
                            TaskExecutionId = activity.TaskExecutionId,
                        },
                    }
                    : new HistoryEvent { TaskFailed = new TaskFailedEvent { TaskScheduledId = request.TaskId, FailureDetails = request.FailureDetails } });
                sidecar.Changed();
            }

            return Task.FromResult(new CompleteTaskResponse());
        }

        public override Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context)
        {
            lock (sidecar._gate)
            {
                if (!sidecar._instances.TryGetValue(request.InstanceId, out var instance) || instance.Turn is null)
                {
                    throw new RpcException(new Status(StatusCode.NotFound, "nobody waits for this turn"));
                }

                sidecar.Apply(instance, request);
                sidecar.Changed();
            }

            return Task.FromResult(new CompleteTaskResponse());
        }

        private void GiveOutAgain(List<WorkItem> given)
        {
            lock (sidecar._gate)
            {
                foreach (var item in given)
                {
                    var isOpen = item.WorkflowRequest is { } turn
                        ? sidecar._instances.TryGetValue(turn.InstanceId, out var instance) && instance.Turn == turn
                        : sidecar._instances.TryGetValue(item.ActivityRequest.WorkflowInstance.InstanceId, out var caller)
                            && caller.Activities.TryGetValue(item.ActivityRequest.TaskId, out var activity) && activity == item.ActivityRequest;
                    if (isOpen)
                    {
                        sidecar._work.Writer.TryWrite(item);
                    }
                }

                sidecar.Changed();
            }
        }

        private void Note(string method, ServerCallContext context) => sidecar.Calls.Enqueue((method, context.RequestHeaders));

        private FakeInstance Find(string id) =>
            sidecar._instances.GetValueOrDefault(id) ?? throw new RpcException(new Status(StatusCode.NotFound, "no such instance exists"));

        private FakeInstance DeliverTo(string id, HistoryEvent happened)
        {
            lock (sidecar._gate)
            {
                var instance = Find(id);
                sidecar.Deliver(instance, happened);
                return instance;
            }
        }

        private async Task<GetInstanceResponse> WaitAsync(GetInstanceRequest request, Func<FakeInstance, bool> holds, ServerCallContext context)
        {
            await sidecar.UntilAsync(
                () => !sidecar._instances.TryGetValue(request.InstanceId, out var instance) || holds(instance), context.CancellationToken);
            return await GetInstance(request, context);
        }

        private GetInstanceResponse Describe(GetInstanceRequest request)
        {
            if (!sidecar._instances.TryGetValue(request.InstanceId, out var instance))
            {
                return new GetInstanceResponse { Exists = false };
            }

            var state = new WorkflowState
            {
                InstanceId = instance.Id,
                Name = instance.Name,
                WorkflowStatus = instance.Status,
                CreatedTimestamp = Timestamp.FromDateTimeOffset(instance.Created),
                LastUpdatedTimestamp = Timestamp.FromDateTimeOffset(instance.Updated),
                FailureDetails = instance.Failure,
            };
            if (request.GetInputsAndOutputs)
            {
                state.Input = instance.Input;
                state.Output = instance.Output;
                state.CustomStatus = instance.CustomStatus;
            }

            return new GetInstanceResponse { Exists = true, WorkflowState = state };
        }
    }
}
