using System.Net.Http.Json;
using System.Threading.Channels;
using Dapr.Client;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Tells the notification service which messages were read, by Dapr's service invocation: whoever has read a message needs no notification of it. Nobody who
/// reads waits for that. While the service is away the notices wait; the oldest go when there are very many.
/// </summary>
public sealed partial class ReadNotices(DaprClient dapr, TimeProvider time, ILogger<ReadNotices> logger) : BackgroundService
{
    private const string AppId = "message-notification";
    private const int MaxWaiting = 100_000;
    private const int MaxAtOnce = 1_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Channel<(Guid UserId, Guid MessageId)> _read = Channel.CreateBounded<(Guid, Guid)>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(AppId);

    /// <summary>A user has read a message.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="messageId">The message.</param>
    public void Add(Guid userId, Guid messageId) => _read.Writer.TryWrite((userId, messageId));

    /// <inheritdoc/>
    public override void Dispose()
    {
        _service.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _read.Reader.WaitToReadAsync(stoppingToken))
            {
                var batch = new List<(Guid UserId, Guid MessageId)>();
                while (batch.Count < MaxAtOnce && _read.Reader.TryRead(out var one))
                {
                    batch.Add(one);
                }

                foreach (var user in batch.GroupBy(one => one.UserId, one => one.MessageId))
                {
                    await TellAsync(user.Key, [.. user.Distinct()], stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task TellAsync(Guid userId, Guid[] messageIds, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            using var limit = new CancellationTokenSource(Deadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var content = JsonContent.Create(new { userId, messageIds });
                await content.LoadIntoBufferAsync(either.Token);
                using var answer = await _service.PostAsync(new Uri("/internal/messages/read", UriKind.Relative), content, either.Token);

                // What it refuses it would refuse again.
                if ((int)answer.StatusCode is < 500 and not (401 or 403 or 404 or 408 or 429))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Away; below.
            }

            if (isFirst)
            {
                LogAway(AppId);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Service} does not answer: notifications of messages that were read stay unread until it does")]
    private partial void LogAway(string service);
}
