using System.CommandLine;
using Spectre.Console;
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
            if (name is null)
            {
                var all = await session.Queues.WorkersAsync(cancellationToken);
                session.Screen.Answer(all.Document, () => TableOf(all.Value.Queues.Values));
                return ExitCodes.Ok;
            }

            var one = await session.Queues.WorkersAsync(name, cancellationToken);
            session.Screen.Answer(one.Document, () => TableOf([one.Value]));
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(IEnumerable<QueueWorkers> queues)
    {
        var table = Tables.Create("queue", "worker", ">slots", ">in use", ">stuck", ">average");
        foreach (var read in queues)
        {
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
