namespace WhiteCross.Chaos.Checking;

/// <summary>
/// When which process gave no sign of life: it was killed or frozen, or the machine gave it no time. Only then may its leases have run out.
/// </summary>
internal sealed class Silences
{
    private readonly Dictionary<int, List<(TimeSpan From, TimeSpan To)>> _byProcess = [];

    /// <param name="lines">The history, by time.</param>
    /// <param name="shortest">Shorter pauses do not count.</param>
    public Silences(IEnumerable<HistoryLine> lines, TimeSpan shortest)
    {
        foreach (var process in lines.GroupBy(line => line.Process))
        {
            var silences = new List<(TimeSpan, TimeSpan)>();
            var last = process.First().At;
            foreach (var line in process)
            {
                if (line.At - last >= shortest)
                {
                    silences.Add((last, line.At));
                }

                last = line.At;
            }

            silences.Add((last, TimeSpan.MaxValue));
            _byProcess[process.Key] = silences;
        }
    }

    /// <summary>The silence that a process fell into between two times, or was in already.</summary>
    public (TimeSpan From, TimeSpan To)? Find(int process, TimeSpan from, TimeSpan to)
    {
        foreach (var silence in _byProcess[process])
        {
            if (silence.From < to && silence.To > from)
            {
                return silence;
            }
        }

        return null;
    }

    /// <summary>Whether any process was silent at some time between two.</summary>
    public bool Any(TimeSpan from, TimeSpan to) => _byProcess.Keys.Any(process => Find(process, from, to) is not null);
}
