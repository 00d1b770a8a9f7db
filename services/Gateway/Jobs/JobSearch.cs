using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>
/// Looks for jobs by what the store has no order for. One request looks at so many and no more; where there may be others, the answer says where to
/// go on, so that a search costs the queue little however many jobs it keeps.
/// </summary>
internal sealed record JobSearch(string? Type, JobPriority? Priority, string? Text, DateTimeOffset? From, DateTimeOffset? To)
{
    private const int MostLookedAt = 1000;
    private const int LargestStep = 200;

    /// <summary>The query's parameters that it reads.</summary>
    public static IReadOnlyList<string> Parameters { get; } = ["type", "priority", "text", "from", "to"];

    public bool IsEmpty => this is { Type: null, Priority: null, Text: null, From: null, To: null };

    /// <summary>Reads the query's parameters; what is wrong goes into <paramref name="errors"/>.</summary>
    public static JobSearch Read(IQueryCollection query, Dictionary<string, string[]> errors)
    {
        JobPriority? priority = null;
        if (Value(query, "priority") is { } name)
        {
            if (Words.TryRead<JobPriority>(name, out var known) || (int.TryParse(name, out var number) && Enum.IsDefined(known = (JobPriority)number)))
            {
                priority = known;
            }
            else
            {
                errors["priority"] = ["must be LOW, NORMAL, HIGH or CRITICAL."];
            }
        }

        return new JobSearch(Value(query, "type"), priority, Value(query, "text"), ReadTime(query, "from", errors), ReadTime(query, "to", errors));
    }

    /// <summary>A page of those that match; it may hold fewer than asked for, also none, and yet not be the last one.</summary>
    public async Task<JobPage> RunAsync(IJobReader store, string queue, JobQuery query, CancellationToken cancellationToken)
    {
        if (IsEmpty)
        {
            return await store.ListAsync(queue, query, cancellationToken);
        }

        var isBack = query.Cursor is { } given && JobCursor.Parse(given).IsBack;
        var found = new List<JobRecord>();
        var (lookedAt, cursor, step) = (0, query.Cursor, query.Limit);
        JobPage? first = null;
        while (true)
        {
            var page = await store.ListAsync(queue, query with { Limit = step, Cursor = cursor }, cancellationToken);
            var matches = page.Jobs.Where(Matches).ToList();
            var room = query.Limit - found.Count;
            if (matches.Count > room)
            {
                // The store's cursor is known only where its page ends: again, no more at once than fit for sure.
                step = room;
                continue;
            }

            first ??= page;
            found.InsertRange(isBack ? 0 : found.Count, matches);
            lookedAt += page.Jobs.Count;
            step = Math.Max(step, Math.Min(step * 2, LargestStep)); // Where little matches, fewer and larger looks.
            cursor = isBack ? page.PreviousCursor : page.NextCursor;
            if (cursor is null || found.Count > query.Limit / 2 || lookedAt >= MostLookedAt)
            {
                return isBack ? new JobPage(found, first.NextCursor, cursor) : new JobPage(found, cursor, first.PreviousCursor);
            }
        }
    }

    private static string? Value(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } value ? value : null;

    private static DateTimeOffset? ReadTime(IQueryCollection query, string name, Dictionary<string, string[]> errors)
    {
        if (Value(query, name) is not { } text)
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        errors[name] = [$"{Rfc3339.Rule} (in an address, + is written %2B)."];
        return null;
    }

    public bool Matches(JobRecord job)
    {
        var time = job.FinishedAt ?? job.CreatedAt;
        return (Type is null || job.Type == Type)
            && (Priority is null || job.Priority == Priority)
            && (From is null || time >= From)
            && (To is null || time <= To)
            && (Text is null || Has(job.JobId) || Has(job.Error?.Message));
    }

    private bool Has(string? text) => text?.Contains(Text!, StringComparison.OrdinalIgnoreCase) == true;
}
