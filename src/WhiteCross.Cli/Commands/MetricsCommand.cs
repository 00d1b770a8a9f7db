using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc metrics</c>: how many jobs are where.</summary>
internal static class MetricsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        var watch = Arguments.Watch("Look again and again, until Ctrl-C.");
        var every = Arguments.Span("--every", "How often to look with --watch. Default: 2s.");
        var command = new Command("metrics", "Shows how many jobs of each queue are in which state, how many fail, and how long they take.") { queue, watch, every };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            async Task<JsonNode> LookAsync() => arguments.GetValue(queue) is { } name
                ? (await session.Queues.MetricsAsync(name, cancellationToken)).Document
                : (await session.Queues.MetricsAsync(cancellationToken)).Document;
            if (!arguments.GetValue(watch))
            {
                var document = await LookAsync();
                session.Screen.Answer(document, () => TableOf(document, session.Now));
                return ExitCodes.Ok;
            }

            var pause = arguments.GetValue(every) ?? TimeSpan.FromSeconds(2);
            await Watching.RunAsync(
                session,
                pause,
                async () => (await LookAsync(), true),
                document => TableOf(document, session.Now),
                line: null,
                cancellationToken);
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(JsonNode document, DateTimeOffset now)
    {
        var table = Tables.Create("queue", ">waiting", ">active", ">delayed", "?>paused", ">completed", ">failed", "?>failure rate", "?>average", "?oldest waiting");
        if (document["queues"] is null)
        {
            AddRow(table, Answer.As(document, JobsJsonContext.Default.QueueMetrics), now);
            return table;
        }

        var report = Answer.As(document, JobsJsonContext.Default.MetricsReport);
        foreach (var queue in report.Queues.Values)
        {
            AddRow(table, queue, now);
        }

        var totals = report.Totals;
        return table.AddRow(
            Tables.Cell("all", new Style(decoration: Decoration.Bold)),
            Tables.Cell(totals.Waiting),
            Tables.Cell(totals.Active),
            Tables.Cell(totals.Delayed),
            Tables.Cell(totals.Paused),
            Tables.Cell(totals.Completed),
            Tables.Cell(totals.Failed, Tables.Bad));
    }

    private static void AddRow(Listing table, QueueMetrics queue, DateTimeOffset now) => table.AddRow(
        queue.IsPaused ? Tables.Cell($"{queue.Name} (paused)", Tables.Warning) : Tables.Cell(queue.Name),
        Tables.Cell(queue.Waiting),
        Tables.Cell(queue.Active),
        Tables.Cell(queue.Delayed),
        Tables.Cell(queue.Paused, Tables.Warning),
        Tables.Cell(queue.Completed),
        Tables.Cell(queue.Failed, Tables.Bad),
        Tables.Cell(Texts.Percent(queue.FailureRate), queue.FailureRate > 0 ? Tables.Bad : Tables.Quiet),
        Tables.Cell(Texts.Average(queue.AverageProcessingTime)),
        Tables.Cell(Texts.Relative(queue.OldestWaitingAt, now)));
}
