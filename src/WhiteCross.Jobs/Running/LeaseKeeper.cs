using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>Renews the leases of the runs, and brings back what the store says of them: cancelled, or lost.</summary>
internal sealed partial class LeaseKeeper(WorkerContext context)
{
    // Somebody's wish to cancel a job must reach its handler within 1 s: it comes with the answer to a renewal.
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromMilliseconds(500);

    private readonly LogLimit _limit = new(context.Time);

    private TimeSpan Period => context.Options.Lease / 5 < LongestRenewal ? context.Options.Lease / 5 : LongestRenewal;

    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, context.Time);
        while (await timer.WaitForNextTickAsync(context.Stopping))
        {
            RunningJob[] runs = [.. context.Runs.Values];
            if (runs.Length > 0)
            {
                await RenewAsync(runs);
            }
        }
    }

    /// <summary>Does what the answer to a run's write asks for.</summary>
    public static void Heed(RunningJob run, LeaseState state)
    {
        switch (state)
        {
            case LeaseState.Lost:
                run.Stop(StopCause.LeaseLost);
                break;
            case LeaseState.CancelRequested:
                run.Stop(StopCause.Cancelled);
                break;
        }
    }

    private async Task RenewAsync(RunningJob[] runs)
    {
        // A store that hangs must not keep the next renewal from being tried while the leases last.
        using var patience = new CancellationTokenSource(context.Options.Lease / 2, context.Time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.Stopping);
        var sent = context.Time.GetTimestamp();
        try
        {
            var states = await context.Store.RenewAsync(context.Queue, [.. runs.Select(run => run.Run.Key)], cancel.Token).WaitAsync(cancel.Token);
            for (var i = 0; i < runs.Length; i++)
            {
                if (states[i] != LeaseState.Lost)
                {
                    // From when it was sent, not from when the answer came: the store counts from some moment in between.
                    runs[i].Renewed(sent);
                }

                Heed(runs[i], states[i]);
            }
        }
        catch (Exception exception) when (!context.Stopping.IsCancellationRequested)
        {
            if (_limit.Allows())
            {
                LogRenewFailed(context.Logger, exception, context.Queue, runs.Length);
            }

            if (!StorePause.IsOutage(exception) && runs.Length > 1)
            {
                // One of them may be what the store cannot take: each goes alone, and harms no other.
                await Task.WhenAll(runs.Select(run => RenewAsync([run])));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the leases of {Count} runs could not be renewed; a run whose lease may be over is stopped")]
    private static partial void LogRenewFailed(ILogger logger, Exception exception, string queue, int count);
}
