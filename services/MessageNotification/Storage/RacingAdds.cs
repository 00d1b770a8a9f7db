using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageNotification;

/// <summary>Adding rows that others may add at the same time.</summary>
internal static class RacingAdds
{
    /// <summary>Adds a row, unless somebody was faster.</summary>
    /// <param name="database">The database; it tracks nothing afterwards.</param>
    /// <param name="row">The row.</param>
    /// <param name="isThere">Whether another one is in its place, asked when the row could not be added; if none is, that is an error.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was added.</returns>
    public static async Task<bool> TryAddAsync<T>(this NotificationsDbContext database, T row, Func<Task<bool>> isThere, CancellationToken cancellationToken)
        where T : class
    {
        database.Add(row);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            database.ChangeTracker.Clear();
            if (!await isThere())
            {
                throw;
            }

            return false;
        }
        finally
        {
            database.ChangeTracker.Clear();
        }
    }
}
