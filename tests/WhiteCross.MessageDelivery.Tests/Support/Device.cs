using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>A user's device: a real SignalR client that keeps what it is sent.</summary>
public sealed class Device : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<MessageView> _messages = Channel.CreateUnbounded<MessageView>();
    private readonly Channel<StatusEvent> _statuses = Channel.CreateUnbounded<StatusEvent>();
    private readonly Channel<LiveNotification> _notifications = Channel.CreateUnbounded<LiveNotification>();

    public Device(HubConnection connection)
    {
        Connection = connection;
        connection.On<MessageView>("message", message => _messages.Writer.TryWrite(message));
        connection.On<LiveNotification>("notification", notification => _notifications.Writer.TryWrite(notification));
        connection.On<StatusEvent>("status", status => _statuses.Writer.TryWrite(status));
    }

    public HubConnection Connection { get; }

    internal Task<MessageView> NextMessageAsync() => NextAsync(_messages.Reader);

    internal Task<StatusEvent> NextStatusAsync() => NextAsync(_statuses.Reader);

    internal Task<LiveNotification> NextNotificationAsync() => NextAsync(_notifications.Reader);

    /// <summary>The messages that have come, up to the one that a test knows to be the last.</summary>
    public async Task<IReadOnlyList<Guid>> MessagesToAsync(Guid last)
    {
        var seen = new List<Guid>();
        do
        {
            seen.Add((await NextMessageAsync()).MessageId);
        }
        while (seen[^1] != last);

        return seen;
    }

    /// <summary>What has come and was not taken; a test makes sure of what comes last before it looks.</summary>
    public int UntakenMessages => _messages.Reader.Count;

    public int UntakenStatuses => _statuses.Reader.Count;

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static async Task<T> NextAsync<T>(ChannelReader<T> reader)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        return await reader.ReadAsync(patience.Token);
    }
}
