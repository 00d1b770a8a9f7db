namespace WhiteCross.Gateway;

/// <summary>Keeps trends as long as the process lives.</summary>
internal sealed class InMemoryTrendStore : ITrendStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Queue, string Ring, long Place), TrendBucket> _buckets = [];

    public Task NoteAsync(string queue, IReadOnlyList<TrendNote> notes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (ring, bucket) in notes)
            {
                var place = (queue, ring.Name, ring.PlaceOf(bucket.Start));
                _buckets[place] = _buckets.TryGetValue(place, out var known) ? known.With(bucket) : bucket;
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<TrendBucket>> ReadAsync(string queue, TrendRing ring, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<TrendBucket>>([.. _buckets.Where(entry => entry.Key.Queue == queue && entry.Key.Ring == ring.Name).Select(entry => entry.Value)]);
        }
    }
}
