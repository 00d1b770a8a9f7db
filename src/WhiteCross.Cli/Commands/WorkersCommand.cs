using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc workers</c>: who works on the queues.</summary>
internal static class WorkersCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        return runner.Handle(new Command("workers", "Shows the processes that work on the queues, and how many of their slots are in use.") { queue }, async (session, arguments, cancellationToken) =>
        {
            var name = arguments.GetValue(queue);
            var document = await session.Gateway.GetAsync(name is null ? "queue/workers" : GatewayClient.PathOf("queue", name, "workers"), cancellationToken);
            session.Screen.Answer(document, () => TableOf(document));
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(JsonNode document)
    {
        var table = Tables.Create("queue", "worker", ">slots", ">in use", ">stuck", ">average");
        var queues = document["queues"] is JsonObject all ? all.Select(queue => queue.Value!) : [document];
        foreach (var queue in queues)
        {
            var read = GatewayClient.As(queue, CliJsonContext.Default.QueueWorkers);
            foreach (var worker in read.Workers)
            {
                table.AddRow(
                    Tables.Cell(read.Name),
                    Tables.Cell(worker.Id),
                    Tables.Cell(worker.Slots),
                    Tables.Cell(worker.SlotsInUse),
                    Tables.Cell(worker.SlotsStuck, Tables.Bad),
                    Tables.Cell(Texts.Average(worker.AverageMilliseconds ?? 0)));
            }

            if (read.Workers.Count == 0)
            {
                table.AddRow(Tables.Cell(read.Name), Tables.Cell("none", Tables.Bad));
            }
        }

        return table;
    }
}
