using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Jobs by what they are about.</summary>
internal sealed partial class InMemoryQueue
{
    public JobPage ListByTerm(string term, int limit, string? cursor)
    {
        var after = cursor is null ? (JobCursor?)null : JobCursor.Parse(cursor);
        var entries = _all.Descending.Where(entry => (after is null || After(after.Value, entry) > 0) && _jobs[entry.Id].Job.Terms.Contains(term));
        return Take(entries, new JobQuery { Limit = limit, WithData = false }, hasNewer: false);
    }
}
