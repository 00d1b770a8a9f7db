using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Stores users' preferences.</summary>
internal sealed class PreferenceStore(NotificationsDbContext database)
{
    /// <summary>Finds a user's preferences.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The preferences; null when the user has never set any.</returns>
    public Task<NotificationPreferences?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        database.Preferences.AsNoTracking().SingleOrDefaultAsync(one => one.UserId == userId, cancellationToken);

    /// <summary>Puts preferences in place of the user's former ones; of two at once the later one stays, whole.</summary>
    /// <param name="preferences">The preferences.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task SaveAsync(NotificationPreferences preferences, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(preferences);

        if (!await ReplaceAsync(preferences, cancellationToken))
        {
            await database.TryAddAsync(preferences, () => ReplaceAsync(preferences, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Opts a user out of a category by a channel, and leaves everything else as the user has set it.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="category">The category's name.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task OptOutAsync(Guid userId, string category, NotificationType channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = await FindAsync(userId, cancellationToken);
            if (before is null)
            {
                await SaveAsync(new NotificationPreferences { UserId = userId }, cancellationToken);
                continue;
            }

            var choices = CategoryChoices.Read(before.Categories).ToDictionary();
            choices[category] = choices.GetValueOrDefault(category) | channel.ToFlag();
            var written = CategoryChoices.Write(choices);

            // Unless somebody has changed them meanwhile: then once more.
            if (written == before.Categories || await database.Preferences.Where(one => one.UserId == userId && one.Categories == before.Categories)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.Categories, written), cancellationToken) == 1)
            {
                return;
            }
        }
    }

    private async Task<bool> ReplaceAsync(NotificationPreferences preferences, CancellationToken cancellationToken) =>
        await database.Preferences.Where(one => one.UserId == preferences.UserId).ExecuteUpdateAsync(
            set => set
                .SetProperty(one => one.OptedOut, preferences.OptedOut)
                .SetProperty(one => one.Categories, preferences.Categories)
                .SetProperty(one => one.DigestMinutes, preferences.DigestMinutes)
                .SetProperty(one => one.QuietFrom, preferences.QuietFrom)
                .SetProperty(one => one.QuietTo, preferences.QuietTo)
                .SetProperty(one => one.TimeZone, preferences.TimeZone),
            cancellationToken) == 1;
}
