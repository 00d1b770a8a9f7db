using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc health</c>: how the queues fare.</summary>
internal static class HealthCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        var command = new Command("health", "Shows how the queues fare. Exits with 4 when one is unhealthy, with 0 when healthy or degraded.") { queue };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var document = arguments.GetValue(queue) is { } name
                ? (await session.Queues.HealthAsync(name, cancellationToken)).Document
                : (await session.Queues.HealthAsync(cancellationToken)).Document;
            session.Screen.Answer(document, () => TableOf(document));
            return document["status"]?.ToString() == Texts.Word(QueueHealthStatus.Unhealthy) ? ExitCodes.Unavailable : ExitCodes.Ok;
        });
    }

    private static Listing TableOf(JsonNode document)
    {
        var table = Tables.Create("queue", "health", "why", ">failure rate", ">average");
        var queues = document["queues"] is null
            ? [Answer.As(document, JobsJsonContext.Default.QueueHealth)]
            : Answer.As(document, JobsJsonContext.Default.HealthReport).Queues.Values;
        foreach (var queue in queues)
        {
            table.AddRow(
                Tables.Cell(queue.Name),
                Tables.Cell(Texts.Word(queue.Status), queue.Status switch { QueueHealthStatus.Healthy => Tables.Good, QueueHealthStatus.Degraded => Tables.Warning, _ => Tables.Bad }),
                Tables.Cell(Why(queue)),
                Tables.Cell(Texts.Percent(queue.FailureRate)),
                Tables.Cell(Texts.Average(queue.AverageProcessingTime)));
        }

        return table;
    }

    private static string Why(QueueHealth queue) => queue switch
    {
        { Checks.Redis: false } => "the job store does not answer",
        { Checks.Accepting: false } => "takes no jobs",
        { Checks.HighFailureRate: true } => "too many jobs fail",
        { Checks.Processing: false } => "paused, or nobody takes the waiting jobs",
        { Status: QueueHealthStatus.Degraded } => "many jobs wait or have failed",
        _ => "–",
    };
}
