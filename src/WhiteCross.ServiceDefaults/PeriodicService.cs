using Microsoft.Extensions.Hosting;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Does something again and again for as long as the service runs. Whatever a round throws, also a call's own time-out, ends neither the rounds nor the service: it is
/// told once, and again only after it has worked in between.
/// </summary>
/// <param name="period">From one round to the next; a round that takes longer is followed by the next at once.</param>
/// <param name="time">The clock.</param>
public abstract class PeriodicService(TimeSpan period, TimeProvider time) : BackgroundService
{
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>Whether the first round waits for a period, as the others do. Default: it comes at once.</summary>
    protected virtual bool WaitsFirst => false;

    /// <summary>Whether somebody else tells of the failure, as of an outage that keeps many services from their work at once. Default: nobody does.</summary>
    /// <param name="exception">The failure.</param>
    protected virtual bool IsToldElsewhere(Exception exception) => false;

    /// <summary>One round. What it throws goes to <see cref="Failed"/>.</summary>
    /// <param name="cancellationToken">Cancelled when the service stops.</param>
    protected abstract Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Tells that something failed; it is tried again.</summary>
    /// <param name="what">Which part of the round, as <see cref="GuardAsync"/> was told; empty: all of it.</param>
    /// <param name="exception">Why. May hold content: what logs it decides how much of it.</param>
    protected abstract void Failed(string what, Exception exception);

    /// <summary>Does a part of a round, whose failure keeps none of the others from being done.</summary>
    /// <param name="what">Which part.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">The round's.</param>
    protected async Task GuardAsync(string what, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
#pragma warning disable CA1031 // Whatever it is, the next round tries again.
        try
        {
            await work(cancellationToken);
            _failing.Remove(what);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Tell(what, exception);
        }
#pragma warning restore CA1031
    }

    /// <summary>Tells of a failure unless the last round told of the same.</summary>
    /// <param name="what">Which part of the round.</param>
    /// <param name="exception">Why.</param>
    protected void Tell(string what, Exception exception)
    {
        if (!IsToldElsewhere(exception) && _failing.Add(what))
        {
            Failed(what, exception);
        }
    }

    /// <summary>Notes that something works again, so that its next failure is told.</summary>
    /// <param name="which">Which parts of the round.</param>
    protected void Recovered(Predicate<string> which) => _failing.RemoveWhere(which);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, Time);
        try
        {
            if (WaitsFirst)
            {
                await timer.WaitForNextTickAsync(stoppingToken);
            }

            do
            {
                await GuardAsync(string.Empty, RunAsync, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops. What it leaves in the middle, the next round of any instance goes on with.
        }
    }
}
