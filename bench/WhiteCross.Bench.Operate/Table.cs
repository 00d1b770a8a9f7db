using System.Globalization;

namespace WhiteCross.Bench.Operate;

/// <summary>The results with their limits.</summary>
internal sealed class Table
{
    private readonly List<(string Name, string Value, string Limit, bool IsKept)> _rows = [];

    public void Add(string name, double value, string format, double? atMost = null, double? atLeast = null)
    {
        var limit = atMost is { } most ? $"< {most.ToString("0", CultureInfo.InvariantCulture)}" : atLeast is { } least ? $"≥ {least.ToString("0", CultureInfo.InvariantCulture)}" : string.Empty;
        // What is no number keeps no limit.
        var isKept = (atMost is null || value < atMost) && (atLeast is null || value >= atLeast);
        _rows.Add((name, value.ToString(format, CultureInfo.InvariantCulture), limit, isKept));
    }

    /// <summary>Prints it.</summary>
    /// <returns>Whether every limit is kept.</returns>
    public bool Write()
    {
        Console.WriteLine("| measured | value | limit | |");
        Console.WriteLine("| --- | ---: | ---: | --- |");
        foreach (var (name, value, limit, isKept) in _rows)
        {
            Console.WriteLine($"| {name} | {value} | {limit} | {(limit.Length == 0 ? string.Empty : isKept ? "kept" : "MISSED")} |");
        }

        var missed = _rows.Count(row => !row.IsKept);
        Console.WriteLine(missed == 0 ? "Every limit is kept." : $"{missed} limits are missed.");
        return missed == 0;
    }
}
