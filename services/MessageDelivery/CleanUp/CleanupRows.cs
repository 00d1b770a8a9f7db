using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>What a clean-up goes by: the time that makes a row old, and its id to tell rows of one millisecond apart.</summary>
internal sealed class CleanupRow
{
    public DateTimeOffset Time { get; init; }

    public Guid Id { get; init; }

    public PageCursor ToCursor() => new(Time, Id);
}

/// <summary>Paging through rows, oldest first.</summary>
internal static class CleanupRows
{
    public static IQueryable<CleanupRow> From(this IQueryable<CleanupRow> rows, PageCursor? from)
    {
        if (from is { } first)
        {
            rows = rows.Where(row => row.Time >= first.Time && (row.Time > first.Time || row.Id.CompareTo(first.Id) >= 0));
        }

        return rows.OrderBy(row => row.Time).ThenBy(row => row.Id);
    }

    /// <summary>A page, and where the next one begins.</summary>
    public static async Task<(IReadOnlyList<CleanupRow> Page, PageCursor? Next)> PageAsync(
        this IQueryable<CleanupRow> rows, PageCursor? from, int size, CancellationToken cancellationToken)
    {
        var page = await rows.From(from).Take(size + 1).ToListAsync(cancellationToken);
        return page.Count > size ? (page[..size], page[size].ToCursor()) : (page, null);
    }

    public static async Task<CleanupCount> CountAsync(
        this IQueryable<CleanupRow> rows, PageCursor? from, int limit, CancellationToken cancellationToken)
    {
        var count = await rows.From(from).Take(limit).CountAsync(cancellationToken);
        var next = count < limit ? null : await rows.From(from).Skip(limit).FirstOrDefaultAsync(cancellationToken);
        return new CleanupCount(count, next?.ToCursor());
    }
}
