using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageNotification;

/// <summary>Gives out the turns of providers with a rate, one after the other to all instances of the service: they share the database.</summary>
internal class ProviderPace(IServiceScopeFactory scopes, TimeProvider time)
{
    // A turn that is so near is waited for; a job that has to wait longer is put off and leaves its slot to others.
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(1);

    /// <summary>Takes the next turn and waits for it.</summary>
    /// <returns>Whether there was one soon enough.</returns>
    public async Task<bool> TakeAsync(string provider, double perSecond, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcTicks;
        var step = (long)(TimeSpan.TicksPerSecond / perSecond);
        if (await NextAsync(provider, now, step, now + Near.Ticks, cancellationToken) is not { } next)
        {
            return false;
        }

        var wait = TimeSpan.FromTicks(next - step - now);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }

        return true;
    }

    /// <summary>Takes the next turn, unless it is behind the limit.</summary>
    /// <returns>The end of the turn; null when it was not taken.</returns>
    protected virtual async Task<long?> NextAsync(string provider, long now, long step, long limit, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var first = now + step;
        var taken = await database.Database.SqlQuery<long>(
            $"""
            INSERT INTO provider_turns (provider, next_at) VALUES ({provider}, {first})
            ON CONFLICT (provider) DO UPDATE
                SET next_at = CASE WHEN provider_turns.next_at > {now} THEN provider_turns.next_at ELSE {now} END + {step}
                WHERE provider_turns.next_at <= {limit}
            RETURNING next_at AS "Value"
            """).ToListAsync(cancellationToken);
        return taken is [var next] ? next : null;
    }
}
