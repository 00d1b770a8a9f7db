using System.Globalization;
using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>
/// The workflow engine of one app: gives turns and activities to whatever workers are connected, makes their answers into history, keeps all of it in a
/// store, and goes on from there after a restart. While no worker is connected, calls about an instance wait for one, as on daprd. One engine an app id; a
/// second one on the same store is noticed by versions, not coordinated with.
/// </summary>
public sealed partial class WorkflowEngine : IAsyncDisposable
{
    private readonly SemaphoreSlim _entry = new(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveInstance> _live = new(StringComparer.Ordinal);
    // What the memory has of these may differ from the store.
    private readonly HashSet<string> _suspect = new(StringComparer.Ordinal);
    private readonly Dictionary<(string InstanceId, int TaskId), PendingActivity> _orphans = [];
    private readonly WorkQueue _queue;
    private readonly IWorkflowStore _store;
    private readonly WorkflowEngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkflowEngine> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private bool _isRefreshing;
    private long _tokens;
    private TaskCompletionSource _hosting = NotHosting();
    private int _workers;

    private WorkflowEngine(IWorkflowStore store, WorkflowEngineOptions options, TimeProvider time, ILogger<WorkflowEngine> logger)
    {
        _store = store;
        _options = options;
        _time = time;
        _logger = logger;
        _queue = new WorkQueue(options.MaxConcurrentWorkflowInvocations, options.MaxConcurrentActivityInvocations);
    }

    /// <summary>Workers that are connected.</summary>
    public int ConnectedWorkers => Volatile.Read(ref _workers);

    /// <summary>Starts the engine: what the store has and has not ended goes on.</summary>
    /// <param name="store">The instances of the app.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<WorkflowEngine> StartAsync(
        IWorkflowStore store, WorkflowEngineOptions options, TimeProvider time, ILogger<WorkflowEngine> logger, CancellationToken cancellationToken)
    {
        var engine = new WorkflowEngine(store, options, time, logger);
        await engine.RecoverAsync(cancellationToken);
        return engine;
    }

    /// <summary>Creates an instance, and returns when it has begun; of one that is to begin later, at once.</summary>
    /// <param name="name">The workflow.</param>
    /// <param name="instanceId">The instance's id; null: one is made.</param>
    /// <param name="input">Its input, as JSON.</param>
    /// <param name="startTime">When it begins; null: now.</param>
    /// <param name="cancellationToken">Ends the wait; the instance stays.</param>
    /// <returns>The instance's id.</returns>
    /// <exception cref="WorkflowException">AlreadyExists: an instance of this id has not ended.</exception>
    public Task<string> CreateAsync(
        string name, string? instanceId, string? input, DateTimeOffset? startTime, CancellationToken cancellationToken) =>
        CreateAsync(
            new CreateInstanceRequest { Name = name, InstanceId = instanceId ?? "", Input = input, ScheduledStartTimestamp = startTime?.ToTimestamp() },
            cancellationToken);

    /// <summary>Asks for an instance; null when there is none.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<WorkflowSnapshot?> GetAsync(string instanceId, CancellationToken cancellationToken) =>
        await GetStateAsync(instanceId, cancellationToken) is { } state
            ? new WorkflowSnapshot(
                state.InstanceId,
                state.Name,
                NameOf(state.WorkflowStatus),
                state.CreatedTimestamp.ToDateTimeOffset(),
                state.LastUpdatedTimestamp.ToDateTimeOffset(),
                state.Input,
                state.Output,
                state.CustomStatus,
                state.FailureDetails?.ErrorType,
                state.FailureDetails?.ErrorMessage,
                state.FailureDetails?.StackTrace)
            : null;

    /// <summary>Sends an event to an instance; one that has ended drops it.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="name">The event's name.</param>
    /// <param name="payload">Its payload, as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WorkflowException">NotFound: there is no such instance.</exception>
    public Task RaiseEventAsync(string instanceId, string name, string? payload, CancellationToken cancellationToken) =>
        DeliverAsync(instanceId, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = name, Input = payload } }, cancellationToken);

    /// <summary>Ends an instance, and returns when it has ended.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="output">The output it ends with, as JSON.</param>
    /// <param name="recursive">Whether its children end too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WorkflowException">NotFound: there is no such instance.</exception>
    public async Task TerminateAsync(string instanceId, string? output, bool recursive, CancellationToken cancellationToken)
    {
        var terminated = new ExecutionTerminatedEvent { Input = output, Recurse = recursive };
        await DeliverAsync(instanceId, new HistoryEvent { ExecutionTerminated = terminated }, cancellationToken);
        await UntilAsync(instanceId, s => LiveInstance.IsEnd(s.WorkflowStatus), cancellationToken);
    }

    /// <summary>Pauses an instance, and returns when it is paused.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WorkflowException">NotFound: there is no such instance.</exception>
    public async Task SuspendAsync(string instanceId, string? reason, CancellationToken cancellationToken)
    {
        var suspended = new ExecutionSuspendedEvent { Input = reason };
        await DeliverAsync(instanceId, new HistoryEvent { ExecutionSuspended = suspended }, cancellationToken);
        await UntilAsync(instanceId, s => s.WorkflowStatus == OrchestrationStatus.Suspended || LiveInstance.IsEnd(s.WorkflowStatus), cancellationToken);
    }

    /// <summary>Resumes an instance, and returns when it is resumed.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WorkflowException">NotFound: there is no such instance.</exception>
    public async Task ResumeAsync(string instanceId, string? reason, CancellationToken cancellationToken)
    {
        var resumed = new ExecutionResumedEvent { Input = reason };
        await DeliverAsync(instanceId, new HistoryEvent { ExecutionResumed = resumed }, cancellationToken);
        await UntilAsync(instanceId, s => s.WorkflowStatus != OrchestrationStatus.Suspended, cancellationToken);
    }

    /// <summary>Deletes an instance that has ended.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="recursive">Whether its children that have ended go too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many were deleted; 0 when there is no such instance.</returns>
    /// <exception cref="WorkflowException">WrongState: it has not ended.</exception>
    public async Task<int> PurgeAsync(string instanceId, bool recursive, CancellationToken cancellationToken)
    {
        await HostedAsync(cancellationToken);
        using var entered = await EnterAsync(cancellationToken);
        if (await FindLiveAsync(instanceId, cancellationToken) is not null)
        {
            throw new WorkflowException(WorkflowRefusal.WrongState, $"Workflow instance '{instanceId}' has not ended; terminate it first.");
        }

        var deleted = 0;
        var toDelete = new Queue<string>([instanceId]);
        while (toDelete.TryDequeue(out var id))
        {
            if (await _store.LoadAsync(id, cancellationToken) is not { } stored)
            {
                continue;
            }

            if (recursive)
            {
                foreach (var child in ChildrenOf(stored).Where(child => !_live.ContainsKey(child)))
                {
                    toDelete.Enqueue(child);
                }
            }

            deleted += await _store.ApplyAsync([new InstanceChange(id, stored.Version) { Deletes = true }], cancellationToken) ? 1 : 0;
        }

        return deleted;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _entry.WaitAsync();
        foreach (var instance in _live.Values)
        {
            instance.StopTimers();
        }

        _entry.Release();
    }

    internal async Task<string> CreateAsync(CreateInstanceRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
        {
            throw new WorkflowException(WorkflowRefusal.Invalid, "The name of the workflow is missing.");
        }

        await HostedAsync(cancellationToken);
        var id = string.IsNullOrWhiteSpace(request.InstanceId) ? Guid.NewGuid().ToString() : request.InstanceId;
        var isLater = false;
        using (await EnterAsync(cancellationToken))
        {
            var change = new EngineTransaction(_time.GetUtcNow());
            var started = new ExecutionStartedEvent
            {
                Name = request.Name,
                Version = request.Version,
                Input = request.Input,
                ScheduledStartTimestamp = request.ScheduledStartTimestamp,
                ParentTraceContext = request.ParentTraceContext,
            };
            started.Tags.Add(request.Tags);
            if (!await TryBeginAsync(change, id, started, cancellationToken))
            {
                throw new WorkflowException(WorkflowRefusal.AlreadyExists, $"Workflow instance '{id}' exists and has not ended.");
            }

            isLater = request.ScheduledStartTimestamp is not null;
            await CommitAsync(change);
        }

        if (!isLater)
        {
            await UntilAsync(id, s => s.WorkflowStatus != OrchestrationStatus.Pending, cancellationToken);
        }

        return id;
    }

    internal async Task<WorkflowState?> GetStateAsync(string instanceId, CancellationToken cancellationToken)
    {
        await HostedAsync(cancellationToken);
        using var entered = await EnterAsync(cancellationToken);
        return (await FindAsync(instanceId, cancellationToken)).State;
    }

    internal async Task<IReadOnlyList<HistoryEvent>> GetHistoryAsync(string instanceId, CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        if (await FindLiveAsync(instanceId, cancellationToken) is { } live)
        {
            return [.. live.History];
        }

        var stored = await _store.LoadAsync(instanceId, cancellationToken) ?? throw NoSuchInstance(instanceId);
        return [.. stored.History.Select(HistoryEvent.Parser.ParseFrom)];
    }

    internal Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => _store.ListAsync(cancellationToken);

    /// <summary>
    /// Waits until the state of an instance is so; null when there is no such instance. For one that is purged meanwhile the wait goes on, as on daprd.
    /// </summary>
    internal async Task<WorkflowState?> UntilAsync(string instanceId, Func<WorkflowState, bool> holds, CancellationToken cancellationToken)
    {
        for (var hasBeen = false; ; hasBeen = true)
        {
            await HostedAsync(cancellationToken);
            Task changed;
            using (await EnterAsync(cancellationToken))
            {
                var (state, live) = await FindAsync(instanceId, cancellationToken);
                if (state is null ? !hasBeen : live is null || holds(state))
                {
                    return state;
                }

                changed = live?.Changed ?? Task.Delay(_options.RetryPause, _time, cancellationToken);
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private static IEnumerable<string> ChildrenOf(StoredInstance stored) =>
        stored.History.Select(HistoryEvent.Parser.ParseFrom).Where(e => e.ChildWorkflowInstanceCreated is not null).Select(e => e.ChildWorkflowInstanceCreated.InstanceId);

    private static WorkflowException NoSuchInstance(string instanceId) =>
        new(WorkflowRefusal.NotFound, $"There is no workflow instance '{instanceId}'.");

    private static string NameOf(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.ContinuedAsNew => "CONTINUED_AS_NEW",
        _ => status.ToString().ToUpperInvariant(),
    };

    private async Task DeliverAsync(string instanceId, HistoryEvent happened, CancellationToken cancellationToken)
    {
        await HostedAsync(cancellationToken);
        using var entered = await EnterAsync(cancellationToken);
        var (state, live) = await FindAsync(instanceId, cancellationToken);
        if (state is null)
        {
            throw NoSuchInstance(instanceId);
        }

        if (live is not null)
        {
            var change = new EngineTransaction(_time.GetUtcNow());
            change.Deliver(live, happened);
            await CommitAsync(change);
        }
    }

    private string NextToken() => Interlocked.Increment(ref _tokens).ToString(CultureInfo.InvariantCulture);

    private async Task<Releaser> EnterAsync(CancellationToken cancellationToken)
    {
        await _entry.WaitAsync(cancellationToken);
        return new Releaser(_entry);
    }

    private readonly struct Releaser(SemaphoreSlim entry) : IDisposable
    {
        public void Dispose() => entry.Release();
    }
}
