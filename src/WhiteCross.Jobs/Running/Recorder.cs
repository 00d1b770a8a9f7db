using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Puts the ends of runs on record, many in one call. An end is true whenever it gets there: it is tried until the store takes it, refuses it since the job
/// went on without the run, or the process stops. One that the store cannot take is set apart, and its neighbours end.
/// </summary>
internal sealed partial class Recorder(WorkerContext context, Gate gate, Deliveries deliveries, BackgroundWork background, IDeadLetterPublisher deadLetters)
{
    private const int LargestBatch = 256;

    // A call of more would keep others from Redis, and itself run into the store's timeout on a slow network.
    private const int LargestBatchBytes = 4 << 20;

    // After so many failures of a whole batch each of its ends is tried alone: what is too much together may be little enough one by one.
    private const int TriesTogether = 6;

    // Refusals for another reason than being away after which an end is cut down to what must be known, and after which its lease is no longer renewed.
    private const int RefusalsBeforeCut = 8;
    private const int RefusalsBeforeGivenUp = 30;

    private readonly Channel<Entry> _ends = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LogLimit _limit = new(context.Time);

    /// <summary>Told when a job was put back for later, and when it is due.</summary>
    public required Action<DateTimeOffset> Postponed { get; init; }

    /// <summary>Ends a run, if it has not ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="end">How it ends; null when its job went on without it.</param>
    /// <param name="isStuck">Whether its handler goes on.</param>
    /// <returns>False when it had ended.</returns>
    public bool End(RunningJob run, RunEnd? end, bool isStuck = false)
    {
        if (!run.TryEnd(end, isStuck, out var complete))
        {
            return false;
        }

        run.Delivery.Enter(DeliveryStage.Ending);
        gate.Owe(1);
        JobTelemetry.Ended(context.Queue, run.Run, AttemptRules.NameOf(complete), context.Time.GetElapsedTime(run.StartedAt), run.Run.StartedAt - run.Run.ReadySince);
        if (complete is null)
        {
            Close(run, DeliveryVerdict.Success, isLost: true);
        }
        else if (!_ends.Writer.TryWrite(new Entry(run, complete)))
        {
            Close(run, DeliveryVerdict.Retry, isLost: false);
        }

        return true;
    }

    /// <summary>No ends will come any more.</summary>
    public void Complete() => _ends.Writer.TryComplete();

    public async Task RunAsync()
    {
        var batch = new List<Entry>();
        while (await _ends.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var bytes = 0;
            while (batch.Count < LargestBatch && bytes < LargestBatchBytes && _ends.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
                bytes += entry.End.Result.Length + entry.End.Progress.Length;
            }

            await RecordAsync([.. batch]);
        }
    }

    private async Task RecordAsync(Entry[] batch)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await WriteAsync(batch);
                return;
            }
#pragma warning disable CA1031 // Whatever the store's trouble is: the ends are kept.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_limit.Allows())
                {
                    LogFinishFailed(context.Logger, exception, context.Queue, batch.Length);
                }

                if (!StorePause.IsOutage(exception) || failures == TriesTogether || context.Stopping.IsCancellationRequested)
                {
                    foreach (var entry in batch)
                    {
                        _ = RecordAloneAsync(entry);
                    }

                    return;
                }
            }

            await PauseAsync(failures);
        }
    }

    private async Task RecordAloneAsync(Entry entry)
    {
        var refusals = 0;
        for (var failures = 1; ; failures++)
        {
            try
            {
                await WriteAsync([entry]);
                return;
            }
#pragma warning disable CA1031 // Whatever the store's trouble is: the end is kept.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (context.Stopping.IsCancellationRequested)
                {
                    LogNotRecorded(context.Logger, exception, context.Queue, entry.Run.Run.Key.JobId);
                    Close(entry.Run, DeliveryVerdict.Retry, isLost: false);
                    return;
                }

                refusals += StorePause.IsOutage(exception) ? 0 : 1;
                if (refusals == RefusalsBeforeCut)
                {
                    LogCut(context.Logger, exception, context.Queue, entry.Run.Run.Key.JobId);
                    entry = entry with { End = AttemptRules.CutDown(entry.End) };
                    DropReport(entry.Run);
                }
                else if (refusals == RefusalsBeforeGivenUp)
                {
                    // Its lease runs out, and the job is recovered as stalled. Should the store take the end before that, so much the better.
                    LogNotRecorded(context.Logger, exception, context.Queue, entry.Run.Run.Key.JobId);
                    context.Runs.TryRemove(new KeyValuePair<RunKey, RunningJob>(entry.Run.Run.Key, entry.Run));
                }
            }

            await PauseAsync(failures);
        }
    }

    private async Task WriteAsync(Entry[] batch)
    {
        // A report whose answer is missing goes first: once the end is on record, nothing of the run is taken any more.
        List<(RunningJob Run, RunReport Report)>? unsent = null;
        foreach (var (run, _) in batch)
        {
            if (run.UnsentReport() is { } report)
            {
                (unsent ??= []).Add((run, report));
            }
        }

        if (unsent is not null)
        {
            await context.Store.ReportAsync(context.Queue, [.. unsent.Select(one => one.Report)], CancellationToken.None);
            unsent.ForEach(one => one.Run.SettleReport(one.Report));
        }

        var states = await context.Store.FinishAsync(context.Queue, [.. batch.Select(entry => entry.End)], CancellationToken.None);
        Settle(batch, states);
    }

    private void Settle(Entry[] batch, IReadOnlyList<LeaseState> states)
    {
        List<string>? owed = null;
        for (var i = 0; i < batch.Length; i++)
        {
            var (run, end) = batch[i];
            if (states[i] == LeaseState.Lost)
            {
                LogLeaseLost(context.Logger, context.Queue, end.Key.JobId);
            }
            else if (AttemptRules.OwesDeadLetter(end, states[i]))
            {
                (owed ??= []).Add(end.Key.JobId);
            }
            else if (end.Kind != RunEndKind.Completed)
            {
                TellPostponed(end);
            }
        }

        if (owed is not null)
        {
            background.Start(() => deadLetters.PublishAsync(context.Queue, owed, CancellationToken.None));
        }

        // The record guards the job from here on: the event has its answer, and the id is let go of, whatever becomes of the dead letter.
        for (var i = 0; i < batch.Length; i++)
        {
            Close(batch[i].Run, DeliveryVerdict.Success, states[i] == LeaseState.Lost);
        }
    }

    private void TellPostponed(RunEnd end)
    {
        try
        {
            Postponed(context.Time.GetUtcNow() + end.Delay);
        }
#pragma warning disable CA1031 // Who listens promotes a little earlier; without it, the job is promoted all the same.
        catch (Exception exception)
        {
            LogListenerFailed(context.Logger, exception, context.Queue);
        }
#pragma warning restore CA1031
    }

    private void Close(RunningJob run, DeliveryVerdict verdict, bool isLost)
    {
        context.Runs.TryRemove(new KeyValuePair<RunKey, RunningJob>(run.Run.Key, run));
        gate.Owe(-1);
        deliveries.Close(run.Delivery, verdict);
        if (isLost && run.Delivery.HasSwallowed)
        {
            // What was taken for a repetition may have been the event of the job as it went on without this run.
            background.Start(() => context.Outbox.RequestEventsAsync(context.Queue, [run.Run.Key.JobId], CancellationToken.None));
        }
    }

    private static void DropReport(RunningJob run)
    {
        if (run.UnsentReport() is { } report)
        {
            run.SettleReport(report);
        }
    }

    private async Task PauseAsync(int failures) =>
        await Task.Delay(StorePause.After(failures), context.Time, context.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private readonly record struct Entry(RunningJob Run, RunEnd End);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} had lost its lease when its run ended; what the run did is not on record")]
    private static partial void LogLeaseLost(ILogger logger, string queue, string jobId);

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: the ends of {Count} runs could not be put on record yet; they are tried again")]
    private static partial void LogFinishFailed(ILogger logger, Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: the job store refuses the end of job {JobId}; it is tried without its result, progress and log lines")]
    private static partial void LogCut(ILogger logger, Exception exception, string queue, string jobId);

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: the end of job {JobId} could not be put on record; its lease runs out and it is recovered as stalled")]
    private static partial void LogNotRecorded(ILogger logger, Exception exception, string queue, string jobId);

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: who wants to know when jobs are due has failed")]
    private static partial void LogListenerFailed(ILogger logger, Exception exception, string queue);
}
