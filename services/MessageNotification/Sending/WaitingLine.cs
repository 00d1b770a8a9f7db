using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>The notifications of this instance that wait for a provider, in the order in which they go out. Not thread-safe: its provider's lock guards it.</summary>
internal sealed class WaitingLine
{
    // Another instance has taken it, or its job is gone.
    private static readonly TimeSpan Overdue = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (LinePlace Place, DateTimeOffset DueAt)> _byJob = new(StringComparer.Ordinal);
    private readonly List<LinePlace> _places = [];
    private DateTimeOffset _sweptAt;

    public int Count => _places.Count;

    /// <summary>Takes a place in the line.</summary>
    /// <returns>How many are before it.</returns>
    public int Join(LinePlace place)
    {
        var index = _places.BinarySearch(place);
        if (index < 0)
        {
            index = ~index;
            _places.Insert(index, place);
        }

        return index;
    }

    /// <summary>How many are before a place, whether it is taken or not.</summary>
    public int CountBefore(LinePlace place) => _places.BinarySearch(place) is >= 0 and var index ? index : ~_places.BinarySearch(place);

    /// <summary>Remembers when one in the line comes again.</summary>
    public void Expect(LinePlace place, DateTimeOffset dueAt) => _byJob[place.JobId] = (place, dueAt);

    public void Leave(LinePlace place)
    {
        _byJob.Remove(place.JobId);
        if (_places.BinarySearch(place) is >= 0 and var index)
        {
            _places.RemoveAt(index);
        }
    }

    /// <summary>Forgets those that have not come when they should have.</summary>
    public void Sweep(DateTimeOffset now)
    {
        if (now - _sweptAt < Overdue / 4)
        {
            return;
        }

        _sweptAt = now;
        foreach (var (place, _) in _byJob.Values.Where(one => now - one.DueAt > Overdue).ToArray())
        {
            Leave(place);
        }
    }
}

/// <summary>A notification's place in a line.</summary>
/// <param name="Priority">How urgent it is.</param>
/// <param name="CreatedAt">When its job was added.</param>
/// <param name="JobId">Its job.</param>
internal readonly record struct LinePlace(NotificationPriority Priority, DateTimeOffset CreatedAt, string JobId) : IComparable<LinePlace>
{
    public int CompareTo(LinePlace other) =>
        other.Priority.CompareTo(Priority) is not 0 and var byPriority ? byPriority
        : CreatedAt.CompareTo(other.CreatedAt) is not 0 and var byAge ? byAge
        : string.CompareOrdinal(JobId, other.JobId);
}
