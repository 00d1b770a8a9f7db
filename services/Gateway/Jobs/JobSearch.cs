using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

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

    /// <summary>Reads the query's parameters.</summary>
    public static JobSearch Read(QueryInput input) => new(input.Text("type"), ReadPriority(input), input.Text("text"), ReadTime(input, "from"), ReadTime(input, "to"));

    /// <summary>Reads <c>state</c>, beside the search; null when it is not given.</summary>
    public static JobState? ReadState(QueryInput input)
    {
        if (input.Text("state") is not { } text)
        {
            return null;
        }

        if (Words.TryRead<JobState>(text, out var state))
        {
            return state;
        }

        input.Refuse("state", "must be one of waiting, delayed, active, completed, failed, paused.");
        return null;
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

    private static JobPriority? ReadPriority(QueryInput input)
    {
        if (input.Text("priority") is not { } text)
        {
            return null;
        }

        if (Words.TryRead<JobPriority>(text, out var priority) || (int.TryParse(text, out var number) && Enum.IsDefined(priority = (JobPriority)number)))
        {
            return priority;
        }

        input.Refuse("priority", "must be LOW, NORMAL, HIGH or CRITICAL.");
        return null;
    }

    private static DateTimeOffset? ReadTime(QueryInput input, string name)
    {
        if (input.Text(name) is not { } text)
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        input.Refuse(name, $"{Rfc3339.Rule} (in an address, + is written %2B).");
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
