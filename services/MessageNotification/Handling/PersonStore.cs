using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>What this service has of one person: exported and erased.</summary>
internal sealed class PersonStore(NotificationsDbContext database, RemovedMessages removed, SuppressionStore suppressions)
{
    private const int AtOnce = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<PersonNotifications> CountAsync(Guid user, CancellationToken cancellationToken) => new(
        await database.Notifications.CountAsync(one => one.UserId == user, cancellationToken),
        await database.Devices.CountAsync(one => one.UserId == user, cancellationToken),
        await database.Contacts.CountAsync(one => one.UserId == user, cancellationToken),
        await database.Preferences.CountAsync(one => one.UserId == user, cancellationToken),
        HasMore: false);

    /// <summary>Removes a part of it, notifications last; what waits to be sent is cancelled. Can be repeated.</summary>
    public async Task<PersonNotifications> EraseAsync(Guid user, CancellationToken cancellationToken)
    {
        // First, as what names the addresses goes below.
        var contacted = await database.Contacts.AsNoTracking().Where(one => one.UserId == user).Select(one => new { one.Channel, one.Address }).ToListAsync(cancellationToken);
        var hashed = await suppressions.HashAsync([.. contacted.Select(one => (one.Channel, one.Address))], cancellationToken);
        var devices = await database.Devices.Where(one => one.UserId == user).ExecuteDeleteAsync(cancellationToken);
        var contacts = await database.Contacts.Where(one => one.UserId == user).ExecuteDeleteAsync(cancellationToken);
        var preferences = await database.Preferences.Where(one => one.UserId == user).ExecuteDeleteAsync(cancellationToken);
        await database.Digests.Where(one => one.UserId == user).ExecuteDeleteAsync(cancellationToken);
        var ids = await database.Notifications.Where(one => one.UserId == user).OrderBy(one => one.CreatedAt).ThenBy(one => one.Id).Take(AtOnce).Select(one => one.Id)
            .ToArrayAsync(cancellationToken);
        var those = database.Notifications.Where(one => EF.Parameter(ids).Contains(one.Id));
        await removed.EndJobsAsync(those.AsNoTracking(), cancellationToken);

        // That nothing is to be sent to an address outlives whom it belonged to; the address, and from which notification it is known, do not.
        var written = await those.AsNoTracking().SelectMany(one => one.Deliveries).Where(one => one.Address != null).Select(one => new { one.Channel, one.Address }).Distinct().ToListAsync(cancellationToken);
        hashed += await suppressions.HashAsync([.. written.Select(one => (one.Channel, one.Address!))], cancellationToken);
        var bounced = await database.Suppressions.AsNoTracking().Where(one => one.NotificationId != null && EF.Parameter(ids).Contains(one.NotificationId!.Value))
            .Select(one => new { one.Channel, one.Address }).ToListAsync(cancellationToken);
        hashed += await suppressions.HashAsync([.. bounced.Where(one => !one.Address.StartsWith(Addresses.HashMark, StringComparison.Ordinal)).Select(one => (one.Channel, one.Address))], cancellationToken);
        await database.Suppressions.Where(one => one.NotificationId != null && EF.Parameter(ids).Contains(one.NotificationId!.Value))
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.NotificationId, (Guid?)null), cancellationToken);
        var notifications = await those.ExecuteDeleteAsync(cancellationToken);
        return new PersonNotifications(notifications, devices, contacts, preferences, ids.Length == AtOnce) { Suppressions = hashed };
    }

    /// <summary>A page of it, as lines of JSON; null where the cursor is none.</summary>
    public async Task<PersonLines?> ExportAsync(Guid user, string? cursor, CancellationToken cancellationToken)
    {
        PageCursor? after = null;
        if (cursor is not null && !PageCursor.TryParse(cursor, out after))
        {
            return null;
        }

        var lines = cursor is null ? await PersonAsync(user, cancellationToken) : [];
        var notifications = database.Notifications.AsNoTracking().Where(one => one.UserId == user);
        if (after is not null)
        {
            notifications = notifications.Where(one => one.CreatedAt <= after.Time && (one.CreatedAt < after.Time || one.Id.CompareTo(after.Id) < 0));
        }

        var page = await notifications.Include(one => one.Deliveries).OrderByDescending(one => one.CreatedAt).ThenByDescending(one => one.Id).Take(AtOnce).ToListAsync(cancellationToken);
        lines.AddRange(page.Select(one => Line(new
        {
            kind = "notification",
            notificationId = one.Id,
            one.Title,
            one.Text,
            one.MessageId,
            one.CreatedAt,
            one.ReadAt,
            deliveries = one.Deliveries.Select(delivery => new { delivery.Channel, delivery.State, delivery.Reason, delivery.Provider, delivery.Address, delivery.ChangedAt }),
        })));
        return new PersonLines(lines, page.Count == AtOnce ? new PageCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null);
    }

    private static JsonElement Line(object value) => JsonSerializer.SerializeToElement(value, Json);

    private async Task<List<JsonElement>> PersonAsync(Guid user, CancellationToken cancellationToken)
    {
        var preferences = await database.Preferences.AsNoTracking().Where(one => one.UserId == user).ToListAsync(cancellationToken);
        var devices = await database.Devices.AsNoTracking().Where(one => one.UserId == user).OrderBy(one => one.Token).ToListAsync(cancellationToken);
        var contacts = await database.Contacts.AsNoTracking().Where(one => one.UserId == user).OrderBy(one => one.Channel).ToListAsync(cancellationToken);
        return
        [
            .. preferences.Select(one => Line(new { kind = "notification-preferences", optedOut = $"{one.OptedOut}", one.Categories, one.DigestMinutes, one.QuietHours })),
            .. contacts.Select(one => Line(new { kind = "contact", one.Channel, one.Address, one.Consent, one.ChangedAt })),
            .. devices.Select(one => Line(new { kind = "device", one.Token, one.Platform, one.SeenAt })),
        ];
    }
}

/// <summary>How much there is of a person, or has gone.</summary>
internal sealed record PersonNotifications(int Notifications, int Devices, int Contacts, int Preferences, bool HasMore)
{
    /// <summary>Addresses on the suppression list of which only a hash is left.</summary>
    public int Suppressions { get; init; }
}

/// <summary>A page of a person's data.</summary>
internal sealed record PersonLines(IReadOnlyList<JsonElement> Lines, string? NextCursor)
{
    public override string ToString() => $"{Lines.Count} lines";
}
