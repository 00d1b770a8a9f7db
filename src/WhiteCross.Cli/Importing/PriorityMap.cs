using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Importing;

/// <summary>What Bull's priorities are here. In Bull 1 comes first, then 2 and so on; 0 is none.</summary>
internal sealed class PriorityMap
{
    public const string Rule = "N=PRIORITY or N-M=PRIORITY, such as 1-5=high; PRIORITY is LOW, NORMAL, HIGH or CRITICAL";

    private readonly List<(long From, long To, JobPriority Priority)> _ranges = [];

    /// <summary>Adds a rule, which goes before those that are there.</summary>
    public bool TryAdd(string text)
    {
        if (text.Split('=') is not [var range, var name]
            || !Enum.TryParse<JobPriority>(name, ignoreCase: true, out var priority) || !Enum.IsDefined(priority) || long.TryParse(name, CultureInfo.InvariantCulture, out _)
            || !TryRange(range, out var from, out var to))
        {
            return false;
        }

        _ranges.Insert(0, (from, to, priority));
        return true;
    }

    /// <summary>Our priority for one of Bull's.</summary>
    public JobPriority Of(long priority) =>
        _ranges.Where(range => priority >= range.From && priority <= range.To).Select(range => (JobPriority?)range.Priority).FirstOrDefault()
        ?? priority switch
        {
            1 => JobPriority.Critical,
            >= 2 and <= 5 => JobPriority.High,
            > 10 => JobPriority.Low,
            _ => JobPriority.Normal,
        };

    private static bool TryRange(string text, out long from, out long to)
    {
        var parts = text.Split('-');
        to = 0;
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out from)
            && parts.Length <= 2
            && long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out to)
            && from <= to;
    }
}
