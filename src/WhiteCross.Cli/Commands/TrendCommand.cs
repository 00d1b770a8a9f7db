using System.CommandLine;
using System.Globalization;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc trend</c>: how deep a queue was, and how long its jobs waited, over an hour to a week.</summary>
internal static class TrendCommand
{
    // More rows than a screen has are told by longer spans.
    private const int MostRows = 30;

    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.Queue();
        var span = new Option<string>("--span") { Description = "How far back: 1h, 6h, 24h or 7d. Default: 1h.", DefaultValueFactory = _ => "1h", HelpName = "span" };
        span.AcceptOnlyFromAmong("1h", "6h", "24h", "7d");
        return runner.Handle(new Command("trend", "Shows how many jobs waited, ran and were delayed, and how long they waited, over an hour to a week.") { queue, span }, async (session, arguments, cancellationToken) =>
        {
            var trend = await session.Queues.TrendAsync(arguments.GetValue(queue)!, arguments.GetValue(span)!, cancellationToken);
            session.Screen.Answer(trend.Document, () => TableOf(trend.Value, session.Environment.Time));
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(QueueTrend trend, TimeProvider time)
    {
        var format = trend.StepSeconds < 3600 ? "HH:mm" : "ddd HH:mm";
        var table = Tables.Create("from", ">waiting", ">active", ">delayed", ">longest wait", "?>completed", ">failed", "?>95 % took up to");
        foreach (var row in trend.Steps.Chunk(((trend.Steps.Count - 1) / MostRows) + 1))
        {
            // The most of each, as in a step of a chart; a dash where nobody looked.
            table.AddRow(
                Tables.Cell(TimeZoneInfo.ConvertTime(row[0].At, time.LocalTimeZone).ToString(format, CultureInfo.InvariantCulture)),
                Most(row.Max(step => step.Waiting)),
                Most(row.Max(step => step.Active)),
                Most(row.Max(step => step.Delayed)),
                Tables.Cell(row.Max(step => step.LongestWait) is { } wait ? Texts.Average(wait) : "–"),
                Most(row.Sum(step => step.Completed)),
                Tables.Cell(row.Sum(step => step.Failed) ?? 0, Tables.Bad),
                Tables.Cell(Texts.Average(row.Max(step => step.P95) ?? 0)));
        }

        return table;
    }

    private static Cell Most(long? number) => number is { } known ? Tables.Cell(known) : Tables.Cell("–", Tables.Quiet);
}
