namespace WhiteCross.MessageIndexing;

/// <summary>What events do to the messages that are stored: worked out in memory, so that each message is written at most once.</summary>
internal sealed class IndexPlan
{
    public IndexPlan(IReadOnlyDictionary<Guid, IndexedMessage> stored, IReadOnlyList<IndexEvent> events)
    {
        var after = new Dictionary<Guid, IndexedMessage>(events.Count);
        var effects = new IndexEffect[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            var id = events[i].MessageId;
            var before = after.GetValueOrDefault(id) ?? stored.GetValueOrDefault(id);
            after[id] = IndexedMessage.After(before, events[i]);
            effects[i] = after[id].Content is null
                ? before?.Content is null ? IndexEffect.None : IndexEffect.Removed
                : after[id] == before ? IndexEffect.None : IndexEffect.Written;
        }

        Effects = effects;
        Changes = [.. after.Values.Where(message => message != stored.GetValueOrDefault(message.Id))];
    }

    /// <summary>What each event did.</summary>
    public IReadOnlyList<IndexEffect> Effects { get; }

    /// <summary>The messages to write.</summary>
    public IReadOnlyList<IndexedMessage> Changes { get; }
}
