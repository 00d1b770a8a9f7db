using System.Text.Json.Nodes;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>A job's place.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="JobId">Its id.</param>
/// <param name="Document">Its record, without what it is about.</param>
internal sealed record FoundJob(string Queue, string JobId, JsonNode Document)
{
    public JobRecord Record => Answer.As(Document, JobsJsonContext.Default.JobRecord);

    /// <summary>A job of a list.</summary>
    public static FoundJob Of(string queue, Answer<JobRecord> listed) => new(queue, listed.Value.JobId, Content.Without(listed.Document));

    public string Path => GatewayTransport.PathOf("queue", Queue, "jobs", JobId);
}

/// <summary>Finds jobs by their id alone.</summary>
internal static class JobFinder
{
    /// <summary>Finds a job.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="jobId">Its id.</param>
    /// <param name="queue">Its queue; null: whichever has it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CliException">There is none, or several queues have one.</exception>
    public static async Task<FoundJob> FindAsync(GatewayTransport gateway, string jobId, string? queue, CancellationToken cancellationToken)
    {
        if (!JobIds.IsValid(jobId))
        {
            throw new CliException(ExitCodes.WrongInput, $"A job's id {JobIds.Rule}.");
        }

        var (found, document) = await QueueFinder.FindAsync(
            gateway, "job", jobId, queue, candidate => $"{GatewayTransport.PathOf("queue", candidate, "jobs", jobId)}?data=false", cancellationToken);
        return new FoundJob(found, jobId, Content.Without(document));
    }
}
