using System.Text.Json.Nodes;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>Finds what has an id in one of the queues: ids are unique in a queue, and hardly ever met in two.</summary>
internal static class QueueFinder
{
    /// <summary>Finds it.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="what">What it is called, for messages.</param>
    /// <param name="id">Its id.</param>
    /// <param name="queue">Its queue; null: whichever has it.</param>
    /// <param name="pathIn">Its address in a queue.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its queue, and what the gateway says of it.</returns>
    /// <exception cref="CliException">There is none, or several queues have one.</exception>
    public static async Task<(string Queue, JsonNode Document)> FindAsync(
        GatewayTransport gateway, string what, string id, string? queue, Func<string, string> pathIn, CancellationToken cancellationToken)
    {
        if (queue is not null)
        {
            return (queue, await gateway.GetAsync(pathIn(queue), cancellationToken));
        }

        var answers = await Task.WhenAll(JobQueues.All.Select(async known => (Queue: known.Name, Document: await gateway.FindAsync(pathIn(known.Name), cancellationToken))));
        var found = answers.Where(candidate => candidate.Document is not null).ToList();
        return found switch
        {
            [var only] => (only.Queue, only.Document!),
            [] => throw new CliException(ExitCodes.NotFound, $"No queue has a {what} '{id}' on record."),
            _ => throw new CliException(ExitCodes.WrongInput, $"Several queues have a {what} '{id}': {string.Join(", ", found.Select(candidate => candidate.Queue))}. Say which with --queue."),
        };
    }
}
