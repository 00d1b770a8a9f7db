using System.Globalization;

namespace WhiteCross.Jobs.Store;

/// <summary>A place in a list of jobs, and which way to go from it: stores order jobs by a score, mostly a time, and by their ids.</summary>
/// <param name="Score">The score of the job at that place.</param>
/// <param name="JobId">Its id. It may have gone since.</param>
/// <param name="IsBack">Whether the jobs before it are wanted, the newer ones, rather than those after it.</param>
public readonly record struct JobCursor(long Score, string JobId, bool IsBack = false)
{
    private const char Back = 'b';

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <param name="text">The cursor of a page.</param>
    /// <exception cref="InvalidCursorException">No page has it.</exception>
    public static JobCursor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isBack = text.StartsWith(Back);
        var start = isBack ? 1 : 0;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > start && long.TryParse(text.AsSpan(start, colon - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score)
            ? new JobCursor(score, text[(colon + 1)..], isBack)
            : throw new InvalidCursorException();
    }

    /// <summary>As pages have it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsBack ? Back.ToString() : string.Empty)}{Score}:{JobId}");
}
