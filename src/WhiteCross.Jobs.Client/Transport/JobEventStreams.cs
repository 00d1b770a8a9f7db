using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>Watching jobs by server-sent events.</summary>
internal static class JobEventStreams
{
    private const int MostTries = 15;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>The events of one connection.</summary>
    public static async IAsyncEnumerable<ReceivedEvent> EventsAsync(this GatewayTransport transport, string path, Action connected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in transport.StreamAsync(path, connected, cancellationToken))
        {
            yield return Read(item);
        }
    }

    /// <summary>All events, also across a restart of the gateway. Ends only by an error: the first connection fails, or a later one for about a minute.</summary>
    /// <param name="transport">The way.</param>
    /// <param name="path">Where.</param>
    /// <param name="lost">Called when a connection is lost; null: nobody is told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<ReceivedEvent> WatchAsync(this GatewayTransport transport, string path, Action? lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (isConnected, tries) = (false, 0);
        while (true)
        {
            await using var events = transport.EventsAsync(path, Connected, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(events))
            {
                yield return events.Current;
            }

            if (tries++ == 0)
            {
                lost?.Invoke();
            }

            var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2, tries));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, transport.Time, cancellationToken);
        }

        void Connected() => (isConnected, tries) = (true, 0);

        async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ReceivedEvent> events)
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (JobsUnavailableException exception) when (exception.Kind != UnavailableKind.NotUnderstood && isConnected && tries < MostTries)
            {
                return false;
            }
        }
    }

    private static ReceivedEvent Read(SseItem<string> item) => Answer.Read(() =>
    {
        var json = JsonElement.Parse(item.Data);
        var read = json.Deserialize(ClientJsonContext.Default.JobEvent) ?? throw new JsonException();
        return new ReceivedEvent(item.EventType, read with { Kind = KindOf(item.EventType) }, json);
    });

    private static JobEventKind KindOf(string name) => name switch
    {
        "state" => JobEventKind.State,
        "progress" => JobEventKind.Progress,
        "log" => JobEventKind.Log,
        "removed" => JobEventKind.Removed,
        _ => JobEventKind.Other,
    };
}

/// <summary>An event as it came.</summary>
/// <param name="Name">What the stream calls its kind.</param>
/// <param name="Event">What it says.</param>
/// <param name="Json">The same, with what this version does not know.</param>
internal sealed record ReceivedEvent(string Name, JobEvent Event, JsonElement Json);
