using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>What came of a job's wish to send a notification by its channel.</summary>
internal enum ClaimOutcome
{
    /// <summary>It is the job's to send.</summary>
    Own,

    /// <summary>Another job has it.</summary>
    OfOtherJob,

    /// <summary>Its id is another user's notification's.</summary>
    OfOtherUser,
}

/// <summary>Stores how notifications go, by channel. Every change is one statement, so that no receipt is lost however many come at once.</summary>
internal sealed class DeliveryStore(NotificationsDbContext database, TimeProvider time)
{
    /// <summary>Puts a notification and its way by a channel on record, for one job.</summary>
    /// <returns>Whose it is, and what is on record.</returns>
    public async Task<(ClaimOutcome Outcome, NotificationDelivery? Delivery)> ClaimAsync(
        Guid id, SendNotificationJob data, string jobId, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        if (await FindClaimAsync(id, data, jobId, cancellationToken) is { } found)
        {
            return found;
        }

        if (!await database.Notifications.AnyAsync(one => one.Id == id, cancellationToken))
        {
            await database.TryAddAsync(
                new Notification
                {
                    Id = id,
                    UserId = data.RecipientId,
                    MessageId = data.MessageId,
                    Priority = data.Priority ?? NotificationPriority.Normal,
                    Category = data.Category,
                    CreatedAt = createdAt.ToStored(),
                },
                () => database.Notifications.AnyAsync(one => one.Id == id, cancellationToken),
                cancellationToken);
        }

        // Whoever was faster has put the same on record.
        await database.TryAddAsync(
            new NotificationDelivery
            {
                NotificationId = id,
                Channel = data.Type,
                JobId = jobId,
                State = NotificationState.Queued,
                ChangedAt = time.GetUtcNow().ToStored(),
            },
            () => Of(id, data.Type).AnyAsync(cancellationToken),
            cancellationToken);
        return await FindClaimAsync(id, data, jobId, cancellationToken)
            ?? throw new InvalidOperationException("A notification was removed while its job began.", new TimeoutException());
    }

    /// <summary>Takes a delivery over from a job that will not send it any more.</summary>
    /// <returns>Whether nobody else was faster.</returns>
    public async Task<bool> TakeOverAsync(NotificationDelivery delivery, string jobId, CancellationToken cancellationToken) =>
        await Of(delivery.NotificationId, delivery.Channel).Where(one => one.JobId == delivery.JobId && one.State == delivery.State)
            .ExecuteUpdateAsync(
                set => set.SetProperty(one => one.JobId, jobId).SetProperty(one => one.State, NotificationState.Queued)
                    .SetProperty(one => one.Reason, (string?)null).SetProperty(one => one.ChangedAt, Now),
                cancellationToken) == 1;

    /// <summary>Says how far a job has come. What a receipt has said since stays.</summary>
    public Task SetAsync(Guid id, NotificationType channel, NotificationState state, string? reason, CancellationToken cancellationToken) =>
        Of(id, channel).Where(one => !(one.State == NotificationState.Delivered || one.State == NotificationState.Bounced
                || one.State == NotificationState.Complained || one.State == NotificationState.Unsubscribed))
            .ExecuteUpdateAsync(
                set => set.SetProperty(one => one.State, state).SetProperty(one => one.Reason, reason).SetProperty(one => one.ChangedAt, Now), cancellationToken);

    /// <summary>Says that it is out, by whom, and where to. A receipt may have been faster: what it said stays.</summary>
    public async Task SetOutAsync(
        Guid id, NotificationType channel, NotificationState state, string? provider, string? providerId, string? address, CancellationToken cancellationToken)
    {
        await Of(id, channel).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.Provider, provider).SetProperty(one => one.ProviderId, providerId).SetProperty(one => one.Address, address),
            cancellationToken);
        await SetAsync(id, channel, state, null, cancellationToken);
    }

    /// <summary>Has a notification wait for a mail that it goes in with others.</summary>
    public Task SetDigestAsync(Guid id, Guid digestId, string address, CancellationToken cancellationToken) =>
        Of(id, NotificationType.Email).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.DigestId, digestId).SetProperty(one => one.Address, address).SetProperty(one => one.State, NotificationState.Deferred)
                .SetProperty(one => one.Reason, Reasons.Digest).SetProperty(one => one.ChangedAt, Now),
            cancellationToken);

    /// <summary>All that goes with a mail: its own notification, and those that are gathered in it.</summary>
    public async Task<IReadOnlyList<NotificationDelivery>> FindDigestedAsync(Guid digestId, CancellationToken cancellationToken) =>
        await database.Deliveries.AsNoTracking().Where(one => one.DigestId == digestId).ToListAsync(cancellationToken);

    /// <summary>What a provider knows by an id; several where notifications went in one mail.</summary>
    public async Task<IReadOnlyList<NotificationDelivery>> FindByProviderIdAsync(NotificationType channel, string providerId, CancellationToken cancellationToken) =>
        await database.Deliveries.AsNoTracking().Where(one => one.ProviderId == providerId && one.Channel == channel).ToListAsync(cancellationToken);

    public Task<NotificationDelivery?> FindAsync(Guid id, NotificationType channel, CancellationToken cancellationToken) =>
        database.Deliveries.AsNoTracking().SingleOrDefaultAsync(one => one.NotificationId == id && one.Channel == channel, cancellationToken);

    /// <summary>Moves a delivery on, as a receipt says.</summary>
    /// <returns>Whether it moved: a receipt that comes late, or again, moves nothing.</returns>
    public async Task<bool> MoveAsync(NotificationDelivery delivery, NotificationState state, string? reason, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var before = NotificationStates.Before(state);
        return await Of(delivery.NotificationId, delivery.Channel).Where(one => before.Contains(one.State))
            .ExecuteUpdateAsync(
                set => set.SetProperty(one => one.State, state).SetProperty(one => one.Reason, reason).SetProperty(one => one.ChangedAt, at.ToStored()),
                cancellationToken) == 1;
    }

    public Task<Guid> OwnerAsync(Guid id, CancellationToken cancellationToken) =>
        database.Notifications.Where(one => one.Id == id).Select(one => one.UserId).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Whether the recipient has read the notification.</summary>
    public Task<bool> IsReadAsync(Guid id, CancellationToken cancellationToken) =>
        database.Notifications.AnyAsync(one => one.Id == id && one.ReadAt != null, cancellationToken);

    private DateTimeOffset Now => time.GetUtcNow().ToStored();

    private IQueryable<NotificationDelivery> Of(Guid id, NotificationType channel) => database.Deliveries.Where(one => one.NotificationId == id && one.Channel == channel);

    private async Task<(ClaimOutcome Outcome, NotificationDelivery? Delivery)?> FindClaimAsync(
        Guid id, SendNotificationJob data, string jobId, CancellationToken cancellationToken)
    {
        var owner = await database.Notifications.Where(one => one.Id == id).Select(one => (Guid?)one.UserId).SingleOrDefaultAsync(cancellationToken);
        if (owner is { } user && user != data.RecipientId)
        {
            return (ClaimOutcome.OfOtherUser, null);
        }

        var delivery = owner is null ? null : await FindAsync(id, data.Type, cancellationToken);
        return delivery is null ? null : (delivery.JobId == jobId ? ClaimOutcome.Own : ClaimOutcome.OfOtherJob, delivery);
    }
}
