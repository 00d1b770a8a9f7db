using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>The ends of runs, on their way to the record.</summary>
public sealed partial class QueueWorker
{
    private const int LargestFinish = 256;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private readonly Channel<(RunningJob Run, RunEnd? End)> _ends = Channel.CreateUnbounded<(RunningJob, RunEnd?)>(new UnboundedChannelOptions { SingleReader = true });

    private void End(RunningJob run, RunEnd? end)
    {
        var complete = run.End(end);
        if (complete is null || !_ends.Writer.TryWrite((run, complete)))
        {
            // The job went on without this run: its event has nothing left to ask for.
            Close(run, DeliveryVerdict.Success);
        }
    }

    private async Task FinishLoopAsync()
    {
        var batch = new List<(RunningJob Run, RunEnd? End)>();
        while (await _ends.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestFinish && _ends.Reader.TryRead(out var end))
            {
                batch.Add(end);
            }

            await FinishAsync(batch);
        }
    }

    private async Task FinishAsync(List<(RunningJob Run, RunEnd? End)> batch)
    {
        RunEnd[] ends = [.. batch.Select(entry => entry.End!)];
        var states = await RecordAsync(ends);
        if (states is null)
        {
            foreach (var (run, _) in batch)
            {
                Close(run, DeliveryVerdict.Retry);
            }

            return;
        }

        List<string>? failed = null;
        for (var i = 0; i < ends.Length; i++)
        {
            if (states[i] == LeaseState.Lost)
            {
                LogLeaseLost(Queue, ends[i].Key.JobId);
            }
            else if (ends[i].Kind is RunEndKind.Retry or RunEndKind.Snoozed or RunEndKind.Released)
            {
                Postponed?.Invoke(_time.GetUtcNow() + ends[i].Delay);
            }

            // A cancelled job is recorded as failed whatever its run asked for.
            if (states[i] != LeaseState.Lost && (ends[i].Kind == RunEndKind.Failed || (states[i] == LeaseState.CancelRequested && ends[i].Kind != RunEndKind.Completed)))
            {
                (failed ??= []).Add(ends[i].Key.JobId);
            }
        }

        if (failed is not null)
        {
            _ = PublishDeadLettersAsync(failed, batch);
        }

        foreach (var (run, end) in batch)
        {
            if (failed is null || !failed.Contains(end!.Key.JobId))
            {
                Close(run, DeliveryVerdict.Success);
            }
        }
    }

    private async Task PublishDeadLettersAsync(List<string> failed, List<(RunningJob Run, RunEnd? End)> batch)
    {
        RunningJob[] runs = [.. batch.Select(entry => entry.Run).Where(run => failed.Contains(run.Run.Key.JobId))];
        await _deadLetters.PublishAsync(Queue, failed, CancellationToken.None);
        foreach (var run in runs)
        {
            Close(run, DeliveryVerdict.Success);
        }
    }

    /// <summary>Puts ends on record, trying until the leases are surely over; null when it could not be done.</summary>
    private async Task<IReadOnlyList<LeaseState>?> RecordAsync(RunEnd[] ends)
    {
        var since = _time.GetTimestamp();
        for (var pause = FirstRetry; ; pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry)
        {
            try
            {
                return await Store.FinishAsync(Queue, ends, CancellationToken.None);
            }
#pragma warning disable CA1031 // Whatever the store's trouble is: it may pass.
            catch (Exception exception)
            {
                if (_time.GetElapsedTime(since) > _options.Lease || _loops.IsCancellationRequested)
                {
                    LogFinishFailed(exception, Queue, ends.Length);
                    return null;
                }
            }
#pragma warning restore CA1031

            await Task.Delay(pause, _time);
        }
    }

    private void Close(RunningJob run, DeliveryVerdict verdict)
    {
        _runs.TryRemove(new KeyValuePair<RunKey, RunningJob>(run.Run.Key, run));
        run.Dispose();
        Answer(run.Delivery, verdict);
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: job {JobId} had lost its lease when its run ended; what the run did is not on record")]
    private partial void LogLeaseLost(string queue, string jobId);

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: the ends of {Count} runs could not be put on record; their leases run out and their jobs are recovered as stalled")]
    private partial void LogFinishFailed(Exception exception, string queue, int count);
}
