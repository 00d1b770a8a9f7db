using System.Net.Http.Json;
using Dapr.Client;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Tells the notification service what became of messages with their users, by Dapr's service invocation: whoever has read a message needs no notification
/// of it, and whoever is not shown it any more is not to find one. Nobody who reads or deletes waits for that. What is to be told is in the database,
/// written with the change itself, so that it is not forgotten whichever process dies; that two instances tell the same does no harm.
/// </summary>
internal sealed partial class CopyNotices(IServiceScopeFactory scopes, DaprClient dapr, TimeProvider time, ILogger<CopyNotices> logger) : BackgroundService
{
    private const string AppId = "message-notification";
    private const int AtOnce = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseWhileAway = TimeSpan.FromSeconds(15);

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(AppId);
    private bool _isAway;

    public override void Dispose()
    {
        _service.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_isAway ? PauseWhileAway : Interval, time, stoppingToken);
#pragma warning disable CA1031 // Whatever it is, it is due again with the next round.
            try
            {
                while (await TellAsync(stoppingToken) == AtOnce)
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotTold(exception.GetType().Name);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>Tells of some; how many, or none while the service is away.</summary>
    private async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();
        var due = await database.MessageCopies.AsNoTracking().Where(copy => copy.Notice != null)
            .OrderBy(copy => copy.UserId).ThenBy(copy => copy.MessageId).Take(AtOnce)
            .Select(copy => new { copy.UserId, copy.MessageId, copy.Notice }).ToListAsync(cancellationToken);
        foreach (var group in due.GroupBy(copy => (copy.UserId, copy.Notice), copy => copy.MessageId))
        {
            var ((user, notice), messages) = (group.Key, group.ToArray());
            var answers = await TryTellAsync(user, notice == CopyNotice.Gone ? "delete" : "read", messages, cancellationToken);
            if (!answers)
            {
                if (!_isAway)
                {
                    LogAway(AppId);
                }

                _isAway = true;
                return 0;
            }

            if (_isAway)
            {
                LogBack(AppId);
            }

            _isAway = false;

            // One that was read may have been deleted meanwhile: that is told next.
            await database.MessageCopies.Where(copy => copy.UserId == user && copy.Notice == notice && EF.Parameter(messages).Contains(copy.MessageId))
                .ExecuteUpdateAsync(set => set.SetProperty(copy => copy.Notice, (CopyNotice?)null), cancellationToken);
        }

        return due.Count;
    }

    private async Task<bool> TryTellAsync(Guid userId, string what, Guid[] messageIds, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var content = JsonContent.Create(new { userId, messageIds });
            await content.LoadIntoBufferAsync(either.Token);
            using var answer = await _service.PostAsync(new Uri($"/internal/messages/{what}", UriKind.Relative), content, either.Token).AsAnsweredAsync();

            // What it refuses it would refuse again.
            return (int)answer.StatusCode is < 500 and not (401 or 403 or 404 or 408 or 429);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Service} does not answer: notifications of messages that were read or deleted stay until it does")]
    private partial void LogAway(string service);

    [LoggerMessage(LogLevel.Information, "{Service} answers again: notifications of messages that were read or deleted follow them")]
    private partial void LogBack(string service);

    [LoggerMessage(LogLevel.Warning, "The notification service could not be told which messages were read or deleted ({Error}); it is tried again in a second.")]
    private partial void LogNotTold(string error);
}
