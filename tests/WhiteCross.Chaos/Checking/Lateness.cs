namespace WhiteCross.Chaos.Checking;

/// <summary>
/// How much time the machine took away from those who must be on time, so that what is allowed does not depend on what else it does. It is measured where
/// no fault is: by the beats of the run itself, which has no other work; a beat that comes late has waited for a processor.
/// </summary>
internal sealed class Lateness
{
    private readonly List<(TimeSpan From, TimeSpan To)> _late = [];

    /// <param name="beats">When the run's beats were, by time.</param>
    /// <param name="interval">When they should have been.</param>
    public Lateness(IReadOnlyList<TimeSpan> beats, TimeSpan interval)
    {
        for (var i = 1; i < beats.Count; i++)
        {
            if (beats[i] - beats[i - 1] > interval)
            {
                _late.Add((beats[i - 1] + interval, beats[i]));
            }
        }
    }

    /// <summary>The time that was taken away between two times.</summary>
    public TimeSpan Within(TimeSpan from, TimeSpan to)
    {
        var sum = TimeSpan.Zero;
        foreach (var late in _late)
        {
            var (begin, end) = (late.From > from ? late.From : from, late.To < to ? late.To : to);
            sum += end > begin ? end - begin : TimeSpan.Zero;
        }

        return sum;
    }
}
