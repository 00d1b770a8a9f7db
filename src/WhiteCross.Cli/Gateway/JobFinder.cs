using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>A job's place.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="JobId">Its id.</param>
/// <param name="Document">Its record, without what it is about.</param>
internal sealed record FoundJob(string Queue, string JobId, JsonNode Document)
{
    public JobRecord Record => GatewayClient.As(Document, JobsJsonContext.Default.JobRecord);

    public string Path => GatewayClient.PathOf("queue", Queue, "jobs", JobId);
}

/// <summary>Finds jobs by their id alone: ids are unique in a queue, and hardly ever met in two.</summary>
internal static class JobFinder
{
    /// <summary>Finds a job.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="jobId">Its id.</param>
    /// <param name="queue">Its queue; null: whichever has it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CliException">There is none, or several queues have one.</exception>
    public static async Task<FoundJob> FindAsync(GatewayClient gateway, string jobId, string? queue, CancellationToken cancellationToken)
    {
        if (!JobIds.IsValid(jobId))
        {
            throw new CliException(ExitCodes.WrongInput, $"A job's id {JobIds.Rule}.");
        }

        if (queue is not null)
        {
            return new FoundJob(queue, jobId, Content.Without(await gateway.GetAsync(PathOf(queue, jobId), cancellationToken)));
        }

        var records = await Task.WhenAll(JobQueues.All.Select(async known => (Queue: known.Name, Record: await gateway.FindAsync(PathOf(known.Name, jobId), cancellationToken))));
        var found = records.Where(candidate => candidate.Record is not null).ToList();
        return found switch
        {
            [var only] => new FoundJob(only.Queue, jobId, Content.Without(only.Record!)),
            [] => throw new CliException(ExitCodes.NotFound, $"No queue has a job '{jobId}' on record."),
            _ => throw new CliException(ExitCodes.WrongInput, $"Several queues have a job '{jobId}': {string.Join(", ", found.Select(candidate => candidate.Queue))}. Say which with --queue."),
        };
    }

    private static string PathOf(string queue, string jobId) => $"{GatewayClient.PathOf("queue", queue, "jobs", jobId)}?data=false";
}
