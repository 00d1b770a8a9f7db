using Dapr.Client;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageCleanup;

/// <summary>The services that have something of a person.</summary>
internal sealed class PersonServices(DaprClient dapr, IOptions<CleanupOptions> options) : IDisposable
{
    private readonly ServiceInvoker _delivery = new(dapr, "message-delivery", options);
    private readonly ServiceInvoker _notification = new(dapr, "message-notification", options);

    public Task<PersonCounts> CountAsync(Guid user, CancellationToken cancellationToken) =>
        _delivery.PostAsync<PersonCounts>($"/internal/people/{user}/count", new { }, cancellationToken);

    public Task<ErasedPage> MessagesAsync(Guid user, long? cursor, int size, bool dryRun, CancellationToken cancellationToken) =>
        _delivery.PostAsync<ErasedPage>($"/internal/people/{user}/messages", new { batchSize = size, cursor, dryRun }, cancellationToken);

    public Task<ErasedRows> AttachmentsAsync(Guid user, Guid? cursor, CancellationToken cancellationToken) =>
        _delivery.PostAsync<ErasedRows>($"/internal/people/{user}/attachments", new { cursor }, cancellationToken);

    public Task<ErasedRows> MembershipsAsync(Guid user, Guid? cursor, CancellationToken cancellationToken) =>
        _delivery.PostAsync<ErasedRows>($"/internal/people/{user}/memberships", new { cursor }, cancellationToken);

    public Task<PersonNotifications> CountNotificationsAsync(Guid user, CancellationToken cancellationToken) =>
        _notification.PostAsync<PersonNotifications>($"/internal/people/{user}/count", new { }, cancellationToken);

    public Task<PersonNotifications> EraseNotificationsAsync(Guid user, CancellationToken cancellationToken) =>
        _notification.PostAsync<PersonNotifications>($"/internal/people/{user}/erase", new { }, cancellationToken);

    public void Dispose()
    {
        _delivery.Dispose();
        _notification.Dispose();
    }
}

/// <summary>How much the delivery service has of a person.</summary>
internal sealed record PersonCounts(bool IsHeld, long Messages, long Copies, long Attachments, long Memberships, long Held);

/// <summary>A page of messages: those that go whole, how many went, how many copies of others' messages, and how many are under a legal hold.</summary>
internal sealed record ErasedPage(IReadOnlyList<Guid> MessageIds, int Erased, int Copies, int Held, long? NextCursor);

/// <summary>A page of attachments or of memberships.</summary>
internal sealed record ErasedRows(int Erased, int Held, Guid? NextCursor);

/// <summary>What the notification service has of a person, or what of it has gone.</summary>
internal sealed record PersonNotifications(int Notifications, int Devices, int Contacts, int Preferences, bool HasMore)
{
    public static readonly PersonNotifications None = new(0, 0, 0, 0, HasMore: true);

    public int Suppressions { get; init; }

    public PersonNotifications With(PersonNotifications next) =>
        new(Notifications + next.Notifications, Devices + next.Devices, Contacts + next.Contacts, Preferences + next.Preferences, next.HasMore) { Suppressions = Suppressions + next.Suppressions };
}
