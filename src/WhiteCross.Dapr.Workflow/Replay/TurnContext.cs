using Dapr.Common.Serialization;
using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Replay;

/// <summary>The workflow's context in one turn. Files: activities and children, timers, external events.</summary>
internal sealed partial class TurnContext(
    string name, string instanceId, TurnScheduler scheduler, IDaprSerializer serializer, ILoggerFactory loggers) : WorkflowContext
{
    private readonly Dictionary<int, Waiter> _open = [];
    private readonly Patches _patches = new();
    private DateTime _now;
    private bool _isReplaying;
    private long _began;
    private int _nextId;
    private int _guids;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string InstanceId => instanceId;

    /// <inheritdoc/>
    public override DateTime CurrentUtcDateTime => _now;

    /// <inheritdoc/>
    public override bool IsReplaying => _isReplaying;

    /// <summary>What the code has asked for and the history does not have.</summary>
    public PendingActions Pending { get; } = new();

    /// <summary>Events from outside.</summary>
    public ExternalEvents Events { get; } = new();

    /// <summary>The custom status as JSON; null when there is none.</summary>
    public string? CustomStatus { get; private set; }

    /// <summary>The code wants to begin again.</summary>
    public Restart? NextGeneration { get; private set; }

    /// <summary>Patches that this turn decided on.</summary>
    public IReadOnlyList<string> NewPatches => _patches.New;

    /// <summary>Whether the code waits for anything that could still come.</summary>
    public bool HasOpenWaits => _open.Count > 0 || Events.OpenWaits > 0;

    /// <summary>Whether what follows is in the history already.</summary>
    public void SetReplaying(bool isReplaying) => _isReplaying = isReplaying;

    /// <summary>A turn begins in the history.</summary>
    public void BeginTurn(HistoryEvent started)
    {
        if (started.Timestamp is { } at)
        {
            _now = at.ToDateTime();
            _began = _began == 0 ? _now.Ticks : _began;
        }

        if (started.WorkflowStarted.Version is { } version)
        {
            _patches.Record(version.Patches);
        }
    }

    /// <summary>Something that was waited for has happened; nobody waits any more when it is a repetition.</summary>
    public void Resolve(int id, HistoryEvent happened)
    {
        if (_open.Remove(id, out var waiter))
        {
            waiter.Resolve(happened);
        }
    }

    /// <inheritdoc/>
    public override bool IsPatched(string patchName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(patchName);
        EnsureHere();
        return _patches.IsPatched(patchName, _isReplaying);
    }

    /// <inheritdoc/>
    public override void SetCustomStatus(object? customStatus)
    {
        EnsureHere();
        CustomStatus = customStatus is null ? null : Serialize(customStatus);
    }

    /// <inheritdoc/>
    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        EnsureHere();
        NextGeneration = new Restart(_nextId++, Serialize(newInput), preserveUnprocessedEvents);
    }

    /// <inheritdoc/>
    public override Guid NewGuid()
    {
        EnsureHere();
        return MakeGuid("guid", _guids++);
    }

    /// <inheritdoc/>
    public override ILogger CreateReplaySafeLogger(string categoryName) => new ReplaySafeLogger(loggers.CreateLogger(categoryName), this);

    /// <inheritdoc/>
    public override ILogger CreateReplaySafeLogger(System.Type type) => new ReplaySafeLogger(loggers.CreateLogger(type), this);

    /// <inheritdoc/>
    public override ILogger CreateReplaySafeLogger<T>() => new ReplaySafeLogger(loggers.CreateLogger<T>(), this);

    // With the time of the first turn: an instance id that is used again, or continued as new, gets other GUIDs.
    private Guid MakeGuid(string purpose, int number) => DeterministicGuid.Create($"{instanceId}/{_began}/{purpose}/{number}");

    private string Serialize(object? value) => value is null ? "null" : serializer.Serialize(value, value.GetType());

    private void EnsureHere()
    {
        if (!scheduler.IsHere)
        {
            throw new InvalidOperationException(NonDeterministicWorkflowException.OtherThread);
        }
    }

    /// <summary>The wish to begin again.</summary>
    /// <param name="Id">The action's id.</param>
    /// <param name="Input">The new input, as JSON.</param>
    /// <param name="KeepsEvents">Whether events that nobody has waited for go along.</param>
    internal sealed record Restart(int Id, string Input, bool KeepsEvents);
}
