using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Begins the runs of the events whose turn it is. A begin whose answer is missing is asked for again, by the same holder, until the store answers: the job
/// may have begun for us, and nobody else can know it.
/// </summary>
internal sealed partial class BeginLoop(WorkerContext context, Gate gate, Deliveries deliveries, Reports reports)
{
    // Tries of a begin that the store refuses for another reason than being away, and of any begin while the worker drains.
    private const int MostRefusals = 5;

    private readonly LogLimit _limit = new(context.Time);

    /// <summary>Told of each run that has begun, and whether its lease may be over already.</summary>
    public required Action<RunningJob, bool> Begun { get; init; }

    public async Task RunAsync()
    {
        var batch = new List<Delivery>();
        while (await gate.Signal.WaitAsync())
        {
            while (gate.TakeBatch(batch))
            {
                try
                {
                    await BeginAsync([.. batch]);
                }
                finally
                {
                    gate.EndBatch();
                }
            }
        }
    }

    private async Task BeginAsync(Delivery[] batch)
    {
        foreach (var delivery in batch)
        {
            delivery.Enter(DeliveryStage.Beginning);
        }

        var settled = 0;
        try
        {
            if (await AskAsync(batch) is { } answer)
            {
                for (; settled < batch.Length; settled++)
                {
                    Take(batch[settled], answer.Results[settled], answer.Asked);
                }
            }
            else if (batch.Length > 1 && !context.Stopping.IsCancellationRequested && !gate.IsClosed)
            {
                // One of them may be what the store cannot take: each goes alone, and harms no other.
                settled = batch.Length;
                await Task.WhenAll(batch.Select(delivery => BeginAsync([delivery])));
            }
        }
        finally
        {
            // Whatever happened, an event gets its answer, and its place at the gate is given back.
            for (; settled < batch.Length; settled++)
            {
                gate.Release(1);
                deliveries.Close(batch[settled], DeliveryVerdict.Retry);
            }
        }
    }

    /// <summary>Asks until the store answers; null when it refuses, or the worker ends first.</summary>
    private async Task<(IReadOnlyList<BeginResult> Results, long Asked)?> AskAsync(Delivery[] batch)
    {
        BeginRequest[] requests = [.. batch.Select(delivery => delivery.Request)];
        var first = context.Time.GetTimestamp();
        int refusals = 0, whileDraining = 0;
        for (var failures = 1; ; failures++)
        {
            var asked = context.Time.GetTimestamp();
            try
            {
                return (await context.Store.BeginAsync(context.Queue, requests, CancellationToken.None), asked);
            }
#pragma warning disable CA1031 // Whatever the store's trouble is: these events are dealt with, and the loop goes on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_limit.Allows())
                {
                    LogBeginFailed(context.Logger, exception, context.Queue, batch.Length);
                }

                refusals += StorePause.IsOutage(exception) ? 0 : 1;
                whileDraining += gate.IsClosed ? 1 : 0;
                if ((refusals > 0 && batch.Length > 1) || refusals == MostRefusals || whileDraining == MostRefusals || context.Stopping.IsCancellationRequested)
                {
                    return null;
                }
            }

            if (context.Time.GetElapsedTime(first) >= context.Options.Lease)
            {
                TellSidecar(batch);
            }

            await Task.Delay(StorePause.After(failures), context.Time, context.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The sidecar need not wait for a store that has been away for a lease's time: neither for these, nor for what waits behind them.</summary>
    private void TellSidecar(Delivery[] batch)
    {
        foreach (var delivery in batch)
        {
            delivery.Answer(DeliveryVerdict.Retry); // A new event finds the job here.
        }

        // Of these the store knows nothing of this process: they go where their next event goes.
        foreach (var delivery in gate.TakeWaiting(context.Options.Lease))
        {
            deliveries.Close(delivery, DeliveryVerdict.Retry);
        }
    }

    private void Take(Delivery delivery, BeginResult result, long asked)
    {
        if (result.Run is { } run)
        {
            Deliveries.Run(delivery);
            var running = new RunningJob(run, delivery, context, reports, asked);

            // An answer that took as long as a lease, to a process that was frozen above all, tells of a run that others may have taken back since.
            Begun(running, running.LeaseAge >= context.SafeLease);
        }
        else
        {
            gate.Release(1);
            deliveries.Close(delivery, result.Outcome == BeginOutcome.Unknown ? DeliveryVerdict.Unknown : DeliveryVerdict.Success);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} jobs could not begin because the job store failed; it is asked again")]
    private static partial void LogBeginFailed(ILogger logger, Exception exception, string queue, int count);
}
