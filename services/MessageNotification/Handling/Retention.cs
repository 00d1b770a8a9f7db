using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Removes, every hour, notifications that are past their time, and what belongs to nothing any more.</summary>
internal sealed partial class Retention(IServiceScopeFactory scopes, IOptions<NotificationOptions> options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    // Small enough that nothing else waits long for the database.
    private const int Batch = 1_000;

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // The longest time that mails are gathered in, and that their job may take.
    private static readonly TimeSpan KeepGathered = TimeSpan.FromDays(14);

    /// <summary>Removes it now.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<NotificationStore>();
        var removed = 0;
        int count;
        do
        {
            count = await store.RemoveOldAsync(time.GetUtcNow() - options.Value.KeepFor, Batch, cancellationToken);
            removed += count;
        }
        while (count == Batch);

        var database = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var gathered = time.GetUtcNow() - KeepGathered;
        await database.DigestEntries.Where(one => one.CreatedAt < gathered).ExecuteDeleteAsync(cancellationToken);
        await database.Digests.Where(one => one.EndsAt < gathered).ExecuteDeleteAsync(cancellationToken);
        if (removed > 0)
        {
            LogRemoved(removed);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} notifications were past their time and are removed")]
    private partial void LogRemoved(int count);

    [LoggerMessage(LogLevel.Warning, "Old notifications could not be removed ({Error}); it is tried again in an hour")]
    private partial void LogFailed(string error);
}
