using System.Diagnostics.CodeAnalysis;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Ids ordered by a number, as a Redis sorted set has them: equal numbers in ordinal order of the ids.</summary>
internal sealed class ScoredSet
{
    private readonly Dictionary<string, long> _scores = new(StringComparer.Ordinal);

    private readonly SortedSet<(long Score, string Id)> _order = new(Comparer<(long Score, string Id)>.Create(
        (left, right) => left.Score != right.Score ? left.Score.CompareTo(right.Score) : string.CompareOrdinal(left.Id, right.Id)));

    public int Count => _scores.Count;

    /// <summary>From the lowest to the highest.</summary>
    public IEnumerable<(long Score, string Id)> Ascending => _order;

    /// <summary>From the highest to the lowest.</summary>
    public IEnumerable<(long Score, string Id)> Descending => _order.Reverse();

    public bool Contains(string id) => _scores.ContainsKey(id);

    public bool TryGetScore(string id, out long score) => _scores.TryGetValue(id, out score);

    public bool TryGetFirst(out (long Score, string Id) first)
    {
        first = _order.Min;
        return _order.Count > 0;
    }

    public void Set(string id, long score)
    {
        Remove(id);
        _scores.Add(id, score);
        _order.Add((score, id));
    }

    public bool Remove(string id)
    {
        if (!_scores.Remove(id, out var score))
        {
            return false;
        }

        _order.Remove((score, id));
        return true;
    }

    /// <summary>The ids whose number is at most <paramref name="score"/>, lowest first; a copy, so that the set may be changed meanwhile.</summary>
    public List<string> UpTo(long score, int limit = int.MaxValue)
    {
        var ids = new List<string>();
        foreach (var entry in _order)
        {
            if (entry.Score > score || ids.Count == limit)
            {
                break;
            }

            ids.Add(entry.Id);
        }

        return ids;
    }
}
