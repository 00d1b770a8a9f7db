using System.CommandLine;
using System.Globalization;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc history</c>: what happened to a queue's jobs, by the minute or by longer spans.</summary>
internal static class HistoryCommand
{
    // As many as the gateway keeps.
    private const int MostMinutes = 1440;

    // More rows than a screen has are told by longer spans.
    private const int MostRows = 30;

    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.Queue();
        var minutes = Arguments.Positive("--minutes", 60, MostMinutes, "How far back: 1 to 1440 minutes. Default: 60.");
        var every = Arguments.Positive("--every", 0, MostMinutes, "Minutes in a row. Default: as many as make at most 30 rows.");
        return runner.Handle(new Command("history", "Shows how many jobs were added, completed and failed, and how long attempts took, over the last minutes.") { queue, minutes, every }, async (session, arguments, cancellationToken) =>
        {
            var count = arguments.GetValue(minutes);
            var history = await session.Queues.HistoryAsync(arguments.GetValue(queue)!, count, cancellationToken);
            var span = arguments.GetValue(every) is > 0 and var given ? given : ((count - 1) / MostRows) + 1;
            session.Screen.Answer(history.Document, () => TableOf(history.Value, span, session.Environment.Time));
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(QueueHistory history, int span, TimeProvider time)
    {
        var table = Tables.Create("from", ">added", ">completed", ">failed", "?>stalled", "?>half took up to", "?>95 % took up to");
        foreach (var row in history.Minutes.Chunk(span))
        {
            table.AddRow(
                Tables.Cell(TimeZoneInfo.ConvertTime(row[0].Minute, time.LocalTimeZone).ToString("HH:mm", CultureInfo.InvariantCulture)),
                Tables.Cell(row.Sum(minute => minute.Added)),
                Tables.Cell(row.Sum(minute => minute.Completed)),
                Tables.Cell(row.Sum(minute => minute.Failed), Tables.Bad),
                Tables.Cell(row.Sum(minute => minute.Stalled), Tables.Warning),
                // Of several minutes the slowest one's: what half of all took cannot be told from the halves.
                Tables.Cell(Texts.Average(row.Max(minute => minute.P50) ?? 0)),
                Tables.Cell(Texts.Average(row.Max(minute => minute.P95) ?? 0)));
        }

        return table;
    }
}
