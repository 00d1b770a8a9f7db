namespace WhiteCross.Chaos.Checking;

/// <summary>A run of a handler, as its lines tell.</summary>
/// <param name="Start">Its first line.</param>
/// <param name="End">Its end; null when the process died before. For a handler that ignores its token: when that was cancelled.</param>
/// <param name="Completion">Where it completed, be it after it had ignored its token for a while.</param>
internal sealed record Run(HistoryLine Start, HistoryLine? End, HistoryLine? Completion)
{
    public string Id => Start.Run;

    public int Process => Start.Process;

    public string? Outcome => End?.Detail;

    public static ILookup<string, Run> Of(IEnumerable<HistoryLine> lines)
    {
        var starts = new List<HistoryLine>();
        var ends = new Dictionary<string, HistoryLine>(StringComparer.Ordinal);
        var completions = new Dictionary<string, HistoryLine>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line.What == "start")
            {
                starts.Add(line);
            }
            else if (line.What == "end")
            {
                ends.TryAdd(line.Run, line); // The first: from then on another run may begin.
                if (line.Detail == "completed")
                {
                    completions.TryAdd(line.Run, line);
                }
            }
        }

        return starts.Select(start => new Run(start, ends.GetValueOrDefault(start.Run), completions.GetValueOrDefault(start.Run))).ToLookup(run => run.Start.JobId);
    }
}
