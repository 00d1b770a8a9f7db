using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc undo</c>: takes back what <c>wc retry --failed --undo</c> holds.</summary>
internal static class UndoCommand
{
    public static Command Create(CommandRunner runner)
    {
        var ids = new Argument<string[]>("id") { Description = "What `wc retry --failed … --undo …` printed.", Arity = ArgumentArity.OneOrMore };
        var queue = Arguments.QueueOption("The retry's queue. Default: whichever has a retry of that id.");
        return runner.Handle(new Command("undo", "Undoes a retry while it can be undone: its jobs stay failed, as they were.") { ids, queue }, async (session, arguments, cancellationToken) =>
        {
            var undone = new List<JsonNode>();
            foreach (var id in arguments.GetValue(ids)!)
            {
                undone.Add(await UndoAsync(session.Gateway, id, arguments.GetValue(queue), cancellationToken));
            }

            session.Screen.Answer(new JsonObject { ["undone"] = new JsonArray([.. undone]) }, () => Sentence([.. undone.Select(BulkRetry.Read)]));
            return ExitCodes.Ok;
        });
    }

    private static async Task<JsonNode> UndoAsync(GatewayTransport gateway, string id, string? queue, CancellationToken cancellationToken)
    {
        string PathIn(string queue) => GatewayTransport.PathOf("queue", queue, "retries", id);
        var found = await QueueFinder.FindAsync(gateway, "retry", id, queue, PathIn, cancellationToken);
        return await gateway.SendAsync(HttpMethod.Post, $"{PathIn(found.Queue)}/undo", null, cancellationToken);
    }

    private static string Sentence(IReadOnlyList<UndoableRetry> undone)
    {
        var count = undone.Sum(retry => retry.Count);
        return $"Undone: {Texts.Jobs(count)} of {string.Join(", ", undone.Select(retry => retry.Queue).Distinct())} {(count == 1 ? "stays" : "stay")} failed.";
    }
}
