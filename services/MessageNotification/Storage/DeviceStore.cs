using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores the devices that users are signed in on.</summary>
internal sealed class DeviceStore(NotificationsDbContext database, TimeProvider time)
{
    /// <summary>More than anybody has; the one that was seen longest ago makes room.</summary>
    public const int MaxDevices = 50;

    public async Task<IReadOnlyList<Device>> ListAsync(Guid userId, CancellationToken cancellationToken) =>
        await database.Devices.AsNoTracking().Where(one => one.UserId == userId).OrderByDescending(one => one.SeenAt).ThenBy(one => one.Token).ToListAsync(cancellationToken);

    /// <summary>Registers a device for a user; one that was another user's is no longer, since somebody else has signed in on it.</summary>
    public async Task<Device> SaveAsync(Guid userId, string token, string? platform, CancellationToken cancellationToken)
    {
        var device = new Device { Token = token, UserId = userId, Platform = platform, SeenAt = time.GetUtcNow().ToStored() };
        if (!await ReplaceAsync(device, cancellationToken))
        {
            await database.TryAddAsync(device, () => ReplaceAsync(device, cancellationToken), cancellationToken);
        }

        var known = await ListAsync(userId, cancellationToken);
        if (known.Count > MaxDevices)
        {
            await ForgetAsync([.. known.Skip(MaxDevices).Select(one => one.Token)], cancellationToken);
        }

        return device;
    }

    public async Task<bool> RemoveAsync(Guid userId, string token, CancellationToken cancellationToken) =>
        await database.Devices.Where(one => one.UserId == userId && one.Token == token).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <summary>Forgets devices whose app is gone.</summary>
    public Task<int> ForgetAsync(string[] tokens, CancellationToken cancellationToken) =>
        database.Devices.Where(one => EF.Parameter(tokens).Contains(one.Token)).ExecuteDeleteAsync(cancellationToken);

    private async Task<bool> ReplaceAsync(Device device, CancellationToken cancellationToken) =>
        await database.Devices.Where(one => one.Token == device.Token).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.UserId, device.UserId).SetProperty(one => one.Platform, device.Platform).SetProperty(one => one.SeenAt, device.SeenAt),
            cancellationToken) == 1;
}
