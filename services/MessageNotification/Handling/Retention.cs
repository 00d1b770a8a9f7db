using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Removes, every hour, notifications that are past their time, and what belongs to nothing any more.</summary>
internal sealed partial class Retention(IServiceScopeFactory scopes, IOptions<NotificationOptions> options, TimeProvider time, ILogger<Retention> logger)
    : PeriodicService(TimeSpan.FromHours(1), time)
{
    // Small enough that nothing else waits long for the database.
    private const int Batch = 1_000;

    // The longest time that mails are gathered in, and that their job may take.
    private static readonly TimeSpan KeepGathered = TimeSpan.FromDays(14);

    protected override bool WaitsFirst => true;

    /// <summary>Removes it now.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<NotificationStore>();
        var removed = 0;
        int count;
        do
        {
            count = await store.RemoveOldAsync(Time.GetUtcNow() - options.Value.KeepFor, Batch, cancellationToken);
            removed += count;
        }
        while (count == Batch);

        var database = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var gathered = Time.GetUtcNow() - KeepGathered;
        await database.DigestEntries.Where(one => one.CreatedAt < gathered).ExecuteDeleteAsync(cancellationToken);
        await database.Digests.Where(one => one.EndsAt < gathered).ExecuteDeleteAsync(cancellationToken);
        if (removed > 0)
        {
            LogRemoved(removed);
        }
    }

    protected override Task RunAsync(CancellationToken cancellationToken) => RemoveAsync(cancellationToken);

    protected override void Failed(string what, Exception exception) => LogFailed(exception.GetType().Name);

    [LoggerMessage(LogLevel.Information, "{Count} notifications were past their time and are removed")]
    private partial void LogRemoved(int count);

    [LoggerMessage(LogLevel.Warning, "Old notifications could not be removed ({Error}); it is tried again in an hour")]
    private partial void LogFailed(string error);
}
