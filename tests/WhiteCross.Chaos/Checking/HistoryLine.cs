using System.Globalization;

namespace WhiteCross.Chaos.Checking;

/// <summary>What a handler wrote down.</summary>
/// <param name="At">When, by the machine's monotonic clock.</param>
/// <param name="Wall">When, by the wall clock.</param>
/// <param name="Process">Its process.</param>
/// <param name="What"><c>alive</c>, <c>start</c>, <c>end</c>, <c>step</c> (its effect), <c>stepped</c> (its result is on record).</param>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Run">The run.</param>
/// <param name="Detail">The outcome; the step's name; the mark of a job whose event had no name.</param>
public sealed record HistoryLine(TimeSpan At, DateTimeOffset Wall, int Process, string What, string JobId, int Attempt, string Run, string Detail)
{
    /// <summary>Reads all files of a folder; the last line of a killed process may be cut, and is left out.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<HistoryLine> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.history").SelectMany(ReadFile).OrderBy(line => line.At)];

    private static IEnumerable<HistoryLine> ReadFile(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n');
        foreach (var line in lines[..^1])
        {
            var fields = line.Split('\t');
            yield return new HistoryLine(
                TimeSpan.FromTicks(Number(fields[0]) / 100),
                DateTimeOffset.FromUnixTimeMilliseconds(Number(fields[1])),
                (int)Number(fields[2]),
                fields[3],
                fields[4],
                (int)Number(fields[5]),
                fields[6],
                fields[7]);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
