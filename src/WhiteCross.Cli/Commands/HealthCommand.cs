using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
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
            var path = arguments.GetValue(queue) is { } name ? GatewayClient.PathOf("queue", name, "health") : "queue/health";
            var (status, document) = await session.Gateway.ExchangeAsync(HttpMethod.Get, path, null, cancellationToken);
            // 503 with a verdict is an answer; 503 without one is the gateway's own trouble.
            if (document?["checkedAt"] is null)
            {
                throw GatewayProblems.Read(status, document);
            }

            session.Screen.Answer(document, () => TableOf(document));
            return status == HttpStatusCode.OK ? ExitCodes.Ok : ExitCodes.Unavailable;
        });
    }

    private static Listing TableOf(JsonNode document)
    {
        var table = Tables.Create("queue", "health", "why", ">failure rate", ">average");
        var queues = document["queues"] is null
            ? [GatewayClient.As(document, JobsJsonContext.Default.QueueHealth)]
            : GatewayClient.As(document, JobsJsonContext.Default.HealthReport).Queues.Values;
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
