namespace WhiteCross.Gateway;

/// <summary>What the queues were like over the last week, for any number of gateways that look at them.</summary>
internal interface ITrendStore
{
    /// <summary>Adds what was seen of a queue to what is known of it.</summary>
    Task NoteAsync(string queue, IReadOnlyList<TrendNote> notes, CancellationToken cancellationToken);

    /// <summary>The buckets of a ring, in no order; some may be older than the ring is long.</summary>
    Task<IReadOnlyList<TrendBucket>> ReadAsync(string queue, TrendRing ring, CancellationToken cancellationToken);
}

/// <summary>What was seen, and in which ring it belongs.</summary>
internal sealed record TrendNote(TrendRing Ring, TrendBucket Bucket);
