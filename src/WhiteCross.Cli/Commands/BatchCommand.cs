using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc batch</c>: a batch, followed on to delivery.</summary>
internal static class BatchCommand
{
    private const int BarWidth = 60;
    private static readonly string[] States = ["all", "sent", "notSent", "onTheWay", "delivered", "failed"];

    public static Command Create(CommandRunner runner)
    {
        var id = Id();
        var watch = Arguments.Watch("Follow it until nothing of it is on the way; exits with 1 if a message failed, or the batch failed or was cancelled.");
        var command = new Command("batch", "Shows how far a batch is: delivered, failed, on the way.")
        {
            id,
            watch,
            Control(runner, "pause", "Pauses a batch after the chunk that is being sent.", "pauses after the chunk that is being sent"),
            Control(runner, "resume", "Resumes a paused batch with its next chunk.", "goes on"),
            Cancel(runner),
            Recipients(runner),
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var isWatched = arguments.GetValue(watch);
            var batchId = isWatched
                ? await BatchFinder.WaitAsync(session.Gateway, arguments.GetValue(id)!, session.Environment.Time, cancellationToken)
                : await BatchFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, cancellationToken);
            var path = $"batches/{batchId}?limit=0";
            if (isWatched)
            {
                var last = await Watching.RunAsync(
                    session,
                    TimeSpan.FromSeconds(1),
                    async () => await session.Gateway.GetAsync(path, cancellationToken) is var seen ? (seen, !Read(seen).HasEnded) : default,
                    seen => Draw(Read(seen), session.Now),
                    seen => Line(Read(seen)),
                    cancellationToken);
                return Read(last).HasFailed ? ExitCodes.JobFailed : ExitCodes.Ok;
            }

            var document = await session.Gateway.GetAsync(path, cancellationToken);
            session.Screen.Answer(document, () => session.Screen.IsTerminal ? (IRenderable)Draw(Read(document), session.Now) : FactsOf(Read(document), session.Now));
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The batch's id, or its job's." };

    private static Command Control(CommandRunner runner, string action, string description, string result)
    {
        var id = Id();
        return runner.Handle(new Command(action, description) { id }, async (session, arguments, cancellationToken) =>
        {
            var job = await BatchFinder.FindJobAsync(session.Gateway, arguments.GetValue(id)!, cancellationToken);
            return await JobChangeCommands.ChangeAsync(session, job, action, cancellationToken, result);
        });
    }

    private static Command Cancel(CommandRunner runner)
    {
        var (id, yes) = (Id(), Arguments.Yes());
        return runner.Handle(new Command("cancel", "Stops a batch: what was sent stays sent, the rest is not sent. Asks first.") { id, yes }, async (session, arguments, cancellationToken) =>
        {
            var job = await BatchFinder.FindJobAsync(session.Gateway, arguments.GetValue(id)!, cancellationToken);
            await session.ConfirmAsync(arguments.GetValue(yes), $"Cancel batch job {job.JobId}?", cancellationToken);
            return await JobChangeCommands.ChangeAsync(session, job, "cancel", cancellationToken);
        });
    }

    private static Command Recipients(CommandRunner runner)
    {
        var (id, limit) = (Id(), Arguments.Limit());
        var state = new Option<string>("--state") { Description = "Only those whose message is in this state.", DefaultValueFactory = _ => "all" };
        state.AcceptOnlyFromAmong(States);
        var cursor = new Option<string?>("--cursor") { Description = "Where the page begins: nextCursor of the one before.", HelpName = "cursor" };
        var command = new Command("recipients", "Lists a batch's recipients by what became of their messages.") { id, state, limit, cursor };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var batchId = await BatchFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, cancellationToken);
            var from = arguments.GetValue(cursor) is { } given ? $"&cursor={Uri.EscapeDataString(given)}" : string.Empty;
            var document = await session.Gateway.GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"batches/{batchId}/recipients?state={arguments.GetValue(state)}&limit={arguments.GetValue(limit)}{from}"), cancellationToken);
            if (session.Screen.IsJson)
            {
                session.Screen.WriteJson(document);
            }
            else
            {
                Show(session.Screen, Answer.As(document, CliJsonContext.Default.RecipientPage));
            }

            return ExitCodes.Ok;
        });
    }

    private static void Show(Screen screen, RecipientPage page)
    {
        var table = Tables.Create("recipient", "state", "error");
        foreach (var recipient in page.Recipients)
        {
            table.AddRow(
                Tables.Cell(recipient.RecipientId.ToString()),
                Tables.Cell(recipient.State, recipient.State switch { "delivered" => Tables.Good, "failed" => Tables.Bad, _ => (Style?)null }),
                Tables.Cell(Texts.Line(recipient.Error ?? "–")));
        }

        screen.Write(table);
        if (page.NextCursor is { } next)
        {
            screen.Note($"There are more: --cursor {next}");
        }
    }

    private static Text Line(BatchView batch) => new(
        $"{batch.Shown}: {Texts.Number(batch.Delivered)} of {Texts.Number(batch.RecipientCount)} delivered, {Texts.Number(batch.Failed)} failed, {Texts.Number(batch.OnTheWay)} on the way\n");

    private static BatchView Read(JsonNode document) => Answer.As(document, CliJsonContext.Default.BatchView);

    private static Rows Draw(BatchView batch, DateTimeOffset now) => new Rows(FactsOf(batch, now), Bar(batch));

    private static FactList FactsOf(BatchView batch, DateTimeOffset now)
    {
        var left = batch.RecipientCount - batch.Delivered - batch.Failed - batch.OnTheWay;
        var share = batch.RecipientCount == 0 ? 1 : (double)(batch.Delivered + batch.Failed) / batch.RecipientCount;
        return Tables.Facts(
            ("Batch", Tables.Cell(batch.BatchId.ToString())),
            ("Job", Tables.Cell(batch.JobId)),
            ("Status", Tables.Cell(batch.Shown, batch.Shown switch { "completed" => Tables.Good, "failed" or "cancelled" => Tables.Bad, "paused" => Tables.Warning, _ => (Style?)null })),
            ("Started", Tables.Cell(Texts.Relative(batch.StartedAt, now))),
            ("Ended", batch.EndedAt is { } ended ? Tables.Cell(Texts.Relative(ended, now)) : null),
            ("Reason", batch.Reason is { } reason ? Tables.Cell(Texts.Line(reason), Tables.Bad) : null),
            ("Recipients", Tables.Cell($"{Texts.Number(batch.RecipientCount)}, {Texts.Percent(share)} done")),
            ("Delivered", Tables.Cell(batch.Delivered, Tables.Good)),
            ("Failed", Tables.Cell(batch.Failed, Tables.Bad)),
            ("On the way", Tables.Cell(batch.OnTheWay)),
            ("Not sent", Tables.Cell(left)));
    }

    private static Paragraph Bar(BatchView batch)
    {
        var total = Math.Max(1, batch.RecipientCount);
        var (delivered, failed, onTheWay) = (Part(batch.Delivered), Part(batch.Failed), Part(batch.OnTheWay));
        delivered = Math.Min(delivered, BarWidth - failed); // Rounding must not make the bar longer.
        onTheWay = Math.Min(onTheWay, BarWidth - failed - delivered);
        return new Paragraph()
            .Append(new string('█', delivered), Tables.Good)
            .Append(new string('▓', failed), Tables.Bad)
            .Append(new string('▒', onTheWay))
            .Append(new string('░', BarWidth - delivered - failed - onTheWay), Tables.Quiet);

        // What is there at all is seen.
        int Part(int count) => count == 0 ? 0 : Math.Max(1, (int)Math.Round((double)count * BarWidth / total));
    }
}
