using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Looks for jobs, and waits for their ends.</summary>
internal sealed class JobWaiting(GatewayTransport transport)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Looks for a job: its record, or how it ended where only that is known any more.</summary>
    public async Task<(JobRecord? Record, JobState? Remains)> LookAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var answer = await transport.ExchangeAsync(HttpMethod.Get, PathOf(queue, jobId), null, cancellationToken);
        return answer.IsNotFound
            ? (null, new GatewayProblem(answer).Remains switch { "completed" => JobState.Completed, "failed" => JobState.Failed, _ => null })
            : (answer.As(JobsJsonContext.Default.JobRecord).Value, null);
    }

    /// <summary>Waits until a job has ended.</summary>
    public async Task<JobRecord> WaitForEndAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        JobRecord? last = null;
        while (true)
        {
            try
            {
                var (record, remains) = await LookAsync(queue, jobId, cancellationToken);
                if (record is not null)
                {
                    last = record;
                    if (record.State is JobState.Completed or JobState.Failed)
                    {
                        return record;
                    }

                    if (await WatchAsync(queue, jobId, cancellationToken) is { } end)
                    {
                        // A job that asked to be forgotten has no record any more: what is known of it is its last record, and how it ended.
                        return (await LookAsync(queue, jobId, cancellationToken)).Record ?? record with { State = end.State, FinishedAt = end.At };
                    }
                }
                else if (remains is { } state)
                {
                    return (last ?? Forgotten(queue, jobId)) with { State = state };
                }
                else if (last is not null)
                {
                    throw new JobsRemovedException(queue, jobId);
                }
            }
            catch (JobsUnavailableException exception) when (exception.Kind is not (UnavailableKind.NoGateway or UnavailableKind.NotUnderstood))
            {
                // The gateway starts anew, or is not there yet. What is no gateway, or one of another version, will not become one.
            }

            await Task.Delay(pause, transport.Time, cancellationToken);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    // What is known of a job whose record has gone before it was looked at.
    private static JobRecord Forgotten(string queue, string jobId) => new()
    {
        JobId = jobId,
        Queue = queue,
        Type = JobQueues.TryGet(queue, out var definition) ? definition.DefaultJobType ?? string.Empty : string.Empty,
        State = JobState.Completed,
    };

    private static string PathOf(string queue, string jobId) => GatewayTransport.PathOf("queue", queue, "jobs", jobId);

    /// <summary>Reads a job's events until it has ended or the stream breaks off.</summary>
    /// <returns>How it ended; null when the stream did not say.</returns>
    private async Task<JobEvent?> WatchAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        try
        {
            var end = await transport.EventsAsync($"{PathOf(queue, jobId)}/events", () => { }, cancellationToken).FirstOrDefaultAsync(received => received.Event.IsEnd, cancellationToken);
            return end?.Event is { Kind: JobEventKind.State } state ? state : null;
        }
        catch (JobsRefusedException)
        {
            return null; // It has gone between the two, which the next look finds.
        }
    }
}
