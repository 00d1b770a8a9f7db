using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>
/// Changes to instances that happen together, and what is to be done once they are stored. What one instance does to another — a child begins, an event
/// is sent, a parent is told — is part of the same change, so that no crash can come between.
/// </summary>
internal sealed class EngineTransaction(DateTimeOffset now)
{
    private readonly Dictionary<string, Draft> _drafts = new(StringComparer.Ordinal);
    private readonly List<Action> _afterwards = [];

    public Timestamp Now { get; } = Timestamp.FromDateTimeOffset(now);

    public IReadOnlyCollection<Draft> Drafts => _drafts.Values;

    /// <summary>The draft of an instance, as far as the transaction has one.</summary>
    public Draft? Find(string id) => _drafts.GetValueOrDefault(id);

    public Draft Change(LiveInstance instance)
    {
        if (!_drafts.TryGetValue(instance.Id, out var draft))
        {
            _drafts.Add(instance.Id, draft = new Draft(instance));
        }

        draft.State.LastUpdatedTimestamp = Now;
        return draft;
    }

    /// <summary>Something happens to an instance; it learns of it in its next turn.</summary>
    public void Deliver(LiveInstance instance, HistoryEvent happened)
    {
        happened.EventId = -1;
        happened.Timestamp = Now;
        Change(instance).Inbox.Add(happened);
    }

    /// <summary>To be done when the changes are stored.</summary>
    public void Afterwards(Action action) => _afterwards.Add(action);

    public void Commit()
    {
        foreach (var draft in _drafts.Values)
        {
            draft.Commit();
        }

        _afterwards.ForEach(a => a());
    }
}
