using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Keeps trends in Redis: a hash for each queue and ring, from a bucket's place to the bucket.</summary>
internal sealed class RedisTrendStore(IDatabase database) : ITrendStore
{
    private static readonly TrendRing[] Rings = [TrendRing.Minutes, TrendRing.Week];

    public Task NoteAsync(string queue, IReadOnlyList<TrendNote> notes, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [.. notes.SelectMany(note => (RedisValue[])[Array.IndexOf(Rings, note.Ring) + 1, note.Ring.PlaceOf(note.Bucket.Start), note.Bucket.ToString()])];
        return RedisGuard.RunAsync(database, GatewayScripts.NoteTrend, [.. Rings.Select(ring => KeyOf(queue, ring))], arguments, cancellationToken);
    }

    public async Task<IReadOnlyList<TrendBucket>> ReadAsync(string queue, TrendRing ring, CancellationToken cancellationToken)
    {
        var values = await RedisGuard.RunAsync(() => database.HashValuesAsync(KeyOf(queue, ring)), cancellationToken);
        return [.. values.Select(value => TrendBucket.Read(value!)).OfType<TrendBucket>()];
    }

    private static RedisKey KeyOf(string queue, TrendRing ring) => $"wc:{{{queue}}}:trend:{ring.Name}";
}
