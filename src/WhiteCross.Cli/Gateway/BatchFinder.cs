using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>Finds batches by their own id or by their job's, whichever one has at hand.</summary>
internal static class BatchFinder
{
    private const string Queue = JobQueues.BatchMessageSending;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A batch's id.</summary>
    /// <exception cref="CliException">There is no such batch or job, or it has not begun.</exception>
    public static async Task<Guid> FindAsync(GatewayTransport gateway, string id, CancellationToken cancellationToken)
    {
        var (batchId, _) = await LookAsync(gateway, id, cancellationToken);
        return batchId ?? throw new CliException(ExitCodes.NotFound, $"Batch job '{id}' has not begun to send, or was refused: see `wc job {id}`.");
    }

    /// <summary>A batch's id, when it begins.</summary>
    /// <exception cref="CliException">There is no such batch or job, or it has ended before it began.</exception>
    public static async Task<Guid> WaitAsync(GatewayTransport gateway, string id, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await LookAsync(gateway, id, cancellationToken))
            {
                case ({ } batchId, _):
                    return batchId;
                case (null, JobState.Completed or JobState.Failed):
                    throw new CliException(ExitCodes.JobFailed, $"Batch job '{id}' has ended before anything was sent: see `wc job {id}`.");
                default:
                    await Task.Delay(Pause, time, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>The job of a batch: what the gateway pauses, resumes and cancels.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static async Task<FoundJob> FindJobAsync(GatewayTransport gateway, string id, CancellationToken cancellationToken)
    {
        var jobId = Guid.TryParse(id, out var batchId) && await gateway.FindAsync($"batches/{batchId}?limit=0", cancellationToken) is { } batch
            ? batch["jobId"]!.GetValue<string>()
            : id;
        return await JobFinder.FindAsync(gateway, jobId, Queue, cancellationToken);
    }

    private static async Task<(Guid? BatchId, JobState? Job)> LookAsync(GatewayTransport gateway, string id, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(id, out var batchId) && await gateway.FindAsync($"batches/{batchId}?limit=0", cancellationToken) is not null)
        {
            return (batchId, null);
        }

        var job = await gateway.FindAsync($"{GatewayTransport.PathOf("queue", Queue, "jobs", id)}?data=false", cancellationToken)
            ?? throw new CliException(ExitCodes.NotFound, $"There is no batch, and no job of {Queue}, '{id}'.");
        // The service knows its batches by their jobs too; what a job's progress says last need not name its batch.
        var batch = await gateway.FindAsync($"batches/find?jobId={Uri.EscapeDataString(id)}&limit=0", cancellationToken);
        return (batch?["batchId"]?.GetValue<Guid>(), Answer.As(job["state"]!, CliJsonContext.Default.JobState));
    }
}
