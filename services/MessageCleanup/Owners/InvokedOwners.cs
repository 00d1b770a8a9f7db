using Dapr.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>The owner of messages: the delivery service.</summary>
internal sealed class MessageDeliveryOwner(DaprClient dapr, IOptions<CleanupOptions> options) : IMessageOwner, IDisposable
{
    private readonly ServiceInvoker _service = new(dapr, "message-delivery", options);

    public Task<CleanupCount> CountAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken) =>
        _service.PostAsync<CleanupCount>($"{PathOf(type)}/count", request, cancellationToken);

    public Task<CleanupBatch> RunAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken) =>
        _service.PostAsync<CleanupBatch>(PathOf(type), request, cancellationToken);

    public void Dispose() => _service.Dispose();

    private static string PathOf(CleanupType type) => type switch
    {
        CleanupType.OldMessages => "/internal/cleanup/old-messages",
        CleanupType.DeletedConversations => "/internal/cleanup/deleted-conversations",
        CleanupType.ExpiredAttachments => "/internal/cleanup/expired-attachments",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such clean-up."),
    };
}

/// <summary>What knows of messages besides their owner, and forgets those that are removed: the search index and the notifications.</summary>
internal sealed class MessageFollowers(DaprClient dapr, IOptions<CleanupOptions> options) : ISearchIndex, IDisposable
{
    private const string Path = "/internal/messages/delete";

    private readonly ServiceInvoker _index = new(dapr, "message-indexing", options);
    private readonly ServiceInvoker _notifications = new(dapr, "message-notification", options);

    public async Task ForgetAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        if (messageIds.Count > 0)
        {
            await _index.PostAsync<Forgotten>(Path, new ForgetRequest(messageIds), cancellationToken);
            await _notifications.PostAsync<Forgotten>(Path, new ForgetRequest(messageIds), cancellationToken);
        }
    }

    public void Dispose()
    {
        _index.Dispose();
        _notifications.Dispose();
    }

    private sealed record ForgetRequest(IReadOnlyList<Guid> MessageIds);

    private sealed record Forgotten(int Deleted);
}

/// <summary>Registers the services that own what is cleaned up.</summary>
internal static class OwnersSetup
{
    public static void AddOwners(this IServiceCollection services)
    {
        services.TryAddSingleton<IMessageOwner, MessageDeliveryOwner>();
        services.TryAddSingleton<ISearchIndex, MessageFollowers>();
    }
}
