using Dapr.Workflow.Protocol;
using Google.Protobuf;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>Changes to one instance that are not stored yet.</summary>
internal sealed class Draft(LiveInstance instance)
{
    public LiveInstance Instance => instance;

    /// <summary>The state as it will be.</summary>
    public WorkflowState State { get; } = instance.State.Clone();

    public bool ClearsHistory { get; set; }

    public bool Deletes { get; set; }

    public List<HistoryEvent> History { get; } = [];

    public int TakesFromInbox { get; set; }

    public List<HistoryEvent> Inbox { get; } = [];

    public bool IsOver => LiveInstance.IsEnd(State.WorkflowStatus);

    public InstanceChange ToChange() => new(instance.Id, instance.Version)
    {
        Deletes = Deletes,
        IsOver = IsOver,
        State = State.ToByteArray(),
        ClearsHistory = ClearsHistory,
        ClearsInbox = IsOver,
        History = [.. History.Select(e => e.ToByteArray())],
        TakesFromInbox = TakesFromInbox,
        Inbox = IsOver ? [] : [.. Inbox.Select(e => e.ToByteArray())],
    };

    /// <summary>The store has it: now the memory has it too.</summary>
    public void Commit()
    {
        instance.Version++;
        instance.State = State;
        if (ClearsHistory)
        {
            instance.History.Clear();
            instance.ActionIds.Clear();
        }

        instance.History.AddRange(History);
        instance.ActionIds.UnionWith(History.Where(e => e.EventId >= 0).Select(e => e.EventId));
        instance.Inbox.RemoveRange(0, IsOver ? instance.Inbox.Count : TakesFromInbox);
        if (!IsOver)
        {
            instance.Inbox.AddRange(Inbox);
        }
    }
}
