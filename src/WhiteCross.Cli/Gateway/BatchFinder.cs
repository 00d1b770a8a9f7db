using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>Finds batches by their own id or by their job's, whichever one has at hand.</summary>
internal static class BatchFinder
{
    private const string Queue = JobQueues.BatchMessageSending;

    /// <summary>A batch's id.</summary>
    /// <exception cref="CliException">There is no such batch or job, or it has not begun.</exception>
    public static async Task<Guid> FindAsync(GatewayClient gateway, string id, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(id, out var batchId) && await gateway.FindAsync($"batches/{batchId}?limit=0", cancellationToken) is not null)
        {
            return batchId;
        }

        // Not shown to anybody: the job's data and progress name its batch.
        var job = await gateway.FindAsync(GatewayClient.PathOf("queue", Queue, "jobs", id), cancellationToken)
            ?? throw new CliException(ExitCodes.NotFound, $"There is no batch, and no job of {Queue}, '{id}'.");
        return new[] { job["data"], job["progress"]?["data"], job["result"] }.Select(IdIn).FirstOrDefault(found => found is not null)
            ?? throw new CliException(ExitCodes.NotFound, $"Batch job '{id}' has not begun to send: see `wc job {id}`.");
    }

    /// <summary>The job of a batch: what the gateway pauses, resumes and cancels.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static async Task<FoundJob> FindJobAsync(GatewayClient gateway, string id, CancellationToken cancellationToken)
    {
        var jobId = Guid.TryParse(id, out var batchId) && await gateway.FindAsync($"batches/{batchId}?limit=0", cancellationToken) is { } batch
            ? batch["jobId"]!.GetValue<string>()
            : id;
        return await JobFinder.FindAsync(gateway, jobId, Queue, cancellationToken);
    }

    private static Guid? IdIn(JsonNode? node) =>
        node is JsonObject found && found["batchId"] is JsonValue value && value.TryGetValue<Guid>(out var id) ? id : null;
}
