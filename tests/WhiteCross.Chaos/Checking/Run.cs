namespace WhiteCross.Chaos.Checking;

/// <summary>A run of a handler, as its lines tell.</summary>
/// <param name="Start">Its first line.</param>
/// <param name="End">Its last line; null when the process died before.</param>
internal sealed record Run(HistoryLine Start, HistoryLine? End)
{
    public string Id => Start.Run;

    public int Process => Start.Process;

    public string? Outcome => End?.Detail;

    public static ILookup<string, Run> Of(IEnumerable<HistoryLine> lines)
    {
        var starts = new List<HistoryLine>();
        var ends = new Dictionary<string, HistoryLine>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line.What == "start")
            {
                starts.Add(line);
            }
            else if (line.What == "end")
            {
                ends.TryAdd(line.Run, line); // The first counts: what is said after "ignored" is too late.
            }
        }

        return starts.Select(start => new Run(start, ends.GetValueOrDefault(start.Run))).ToLookup(run => run.Start.JobId);
    }
}
