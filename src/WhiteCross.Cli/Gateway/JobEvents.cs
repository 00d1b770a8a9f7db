using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>A change of a job, as the gateway streams it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">Its state.</param>
/// <param name="At">When.</param>
/// <param name="Progress">Its progress, in a <c>progress</c> event.</param>
/// <param name="Line">The new line, in a <c>log</c> event.</param>
internal sealed record JobChange(string JobId, string Queue, JobState State, DateTimeOffset At, JobProgress? Progress = null, string? Line = null);

/// <summary>An event of the stream.</summary>
/// <param name="Kind">state, progress, log or removed.</param>
/// <param name="Change">What it says.</param>
/// <param name="Document">The same as it came, with its kind as <c>event</c>, and without what the job is about.</param>
internal sealed record JobEvent(string Kind, JobChange Change, JsonObject Document)
{
    public bool IsEnd => Kind == "removed" || (Kind == "state" && Change.State is JobState.Completed or JobState.Failed);
}

/// <summary>Watches jobs, also across a restart of the gateway.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="time">The clock.</param>
/// <param name="note">Told that the connection is lost.</param>
internal sealed class JobEvents(GatewayClient gateway, TimeProvider time, Action<string> note)
{
    private const int MostTries = 15;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>All events of a stream. Ends only by an error: the first connection fails, or a later one for about a minute.</summary>
    public async IAsyncEnumerable<JobEvent> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (isConnected, tries) = (false, 0);
        while (true)
        {
            await using var events = gateway.StreamAsync(path, Connected, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(events))
            {
                yield return Read(events.Current.EventType, events.Current.Data);
            }

            if (tries++ == 0)
            {
                note("The connection to the gateway is lost; connecting again …");
            }

            var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2, tries));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
        }

        void Connected() => (isConnected, tries) = (true, 0);

        async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> events)
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (CliException exception) when (exception.ExitCode == ExitCodes.Unavailable && isConnected && tries < MostTries)
            {
                return false;
            }
        }
    }

    private static JobEvent Read(string kind, string data)
    {
        try
        {
            var document = JsonNode.Parse(data)!.AsObject();
            var change = GatewayClient.As(document, CliJsonContext.Default.JobChange);
            document.Insert(0, "event", kind);
            Content.Without(document);
            return new JobEvent(kind, change, document);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CliException(ExitCodes.Unavailable, "An event of the gateway cannot be understood. Is it of another version?");
        }
    }
}
