using System.CommandLine;
using System.Net.Http;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc groups</c>: failed jobs by their cause, and what is done with all of one.</summary>
internal static class GroupsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        var command = new Command("groups", "Shows failed jobs by their cause, with true counts; its subcommands act on all jobs of one.")
        {
            queue,
            CreateReplay(runner),
            CreateStop(runner),
            CreateEdit(runner),
            CreateDiscard(runner),
            CreateMute(runner),
            CreateUnmute(runner),
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var name = arguments.GetValue(queue);
            var document = await session.Gateway.GetAsync(name is null ? "queue/failures?limit=500" : $"{GatewayTransport.PathOf("queue", name, "failures")}?limit=500", cancellationToken);
            session.Screen.Answer(document, () => TableOf(document, session.Now));
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> Cause() => new("cause") { Description = "The cause, as `wc groups` shows it: type:fingerprint." };

    private static Command CreateReplay(CommandRunner runner)
    {
        var cause = Cause();
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        var rate = Arguments.Positive("--rate", 0, 1000, "Jobs a second. Default: all at once.");
        return runner.Handle(new Command("replay", "Makes all failed jobs of a cause wait again; it goes on without this command.") { cause, queue, rate }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            var view = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/retry?rate={arguments.GetValue(rate)}", null, cancellationToken);
            session.Screen.Answer(view, () => $"{Texts.Jobs(view["replay"]!["total"]!.GetValue<long>())} wait again, as fast as was asked for. `wc groups` shows how far it is; `wc groups stop` stops it.");
            return ExitCodes.Ok;
        });
    }

    private static Command CreateStop(CommandRunner runner)
    {
        var cause = Cause();
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        return runner.Handle(new Command("stop", "Stops a replay: what it has not come to stays failed.") { cause, queue }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            var view = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/stop", null, cancellationToken);
            session.Screen.Answer(view, () => $"The replay is {view["replay"]!["state"]!.GetValue<string>()}: {Texts.Jobs(view["count"]!.GetValue<long>())} still failed.");
            return ExitCodes.Ok;
        });
    }

    private static Command CreateDiscard(CommandRunner runner)
    {
        var cause = Cause();
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        var reason = new Option<string>("--reason") { Description = "Why these jobs are not to be done, for the audit log.", Required = true };
        return runner.Handle(new Command("discard", "Removes the records of all failed jobs of a cause: what they were to do is not done.") { cause, queue, reason }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            var answer = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/discard?reason={Uri.EscapeDataString(arguments.GetValue(reason)!)}", null, cancellationToken);
            session.Screen.Answer(answer, () => $"{Texts.Jobs(answer["removed"]!.GetValue<long>())} discarded.");
            return ExitCodes.Ok;
        });
    }

    private static Command CreateEdit(CommandRunner runner)
    {
        var (cause, change) = (Cause(), new DataChange());
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        var yes = Arguments.Yes();
        var command = new Command("edit", "Sets or removes fields of all failed jobs of a cause, and retries those that are valid then. Asks first. With --dry-run it counts them; without fields, as they are now.") { cause, queue, yes };
        change.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(change.DryRun) && (change.IsEmptyIn(result) || string.IsNullOrWhiteSpace(result.GetValue(change.Reason))))
            {
                result.AddError("Say what to change (--set, --remove) and why (--reason), or ask what would come of it with --dry-run.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var wanted = change.Read(arguments);
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            if (!arguments.GetValue(change.DryRun))
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Change all failed jobs of {arguments.GetValue(cause)}, and retry those that are valid then?", cancellationToken);
            }

            var body = JsonBody.Of(wanted);
            var answer = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/edit{change.QueryOf(arguments)}", body, cancellationToken);
            ShowEdit(session.Screen, answer, arguments.GetValue(change.DryRun));
            return ExitCodes.Ok;
        });
    }

    private static void ShowEdit(Screen screen, JsonNode answer, bool isDry)
    {
        if (screen.IsJson)
        {
            screen.WriteJson(answer);
            return;
        }

        var table = Tables.Create(">jobs", "field", "problem", "?one of them");
        foreach (var problem in answer["problems"]!.AsArray().Select(one => one!))
        {
            table.AddRow(
                Tables.Cell(problem["count"]!.GetValue<long>(), Tables.Bad),
                Tables.Cell(problem["field"]!.GetValue<string>()),
                Tables.Cell(Texts.Line(problem["message"]!.GetValue<string>())),
                Tables.Cell(problem["jobId"]!.GetValue<string>()));
        }

        if (table.Count > 0)
        {
            screen.Write(table);
        }

        var (jobs, valid, invalid) = (answer["jobs"]!.GetValue<long>(), answer["valid"]!.GetValue<long>(), answer["invalid"]!.GetValue<long>());
        screen.WriteLine(isDry
            ? $"Of {Texts.Jobs(jobs)} {Texts.Number(valid)} would be valid, and {Texts.Number(invalid)} would still fail. Nothing was changed."
            : $"Of {Texts.Jobs(jobs)} {Texts.Number(answer["applied"]!.GetValue<long>())} wait again with the change; {Texts.Number(invalid)} would not be valid and stay failed.");
    }

    private static Command CreateMute(CommandRunner runner)
    {
        var cause = Cause();
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        var hours = Arguments.Positive("--hours", 0, 2160, "For how many hours. Default: until it is unmuted.");
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log.", HelpName = "text" };
        return runner.Handle(new Command("mute", "Puts a cause last in the list, marked: somebody knows of it.") { cause, queue, hours, reason }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            var query = string.Join('&', new[]
            {
                arguments.GetValue(hours) is > 0 and var count ? $"hours={count}" : null,
                arguments.GetValue(reason) is { } why ? $"reason={Uri.EscapeDataString(why)}" : null,
            }.Where(part => part is not null));
            var view = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/mute?{query}".TrimEnd('?'), null, cancellationToken);
            session.Screen.Answer(view, () => $"{arguments.GetValue(cause)} is muted.");
            return ExitCodes.Ok;
        });
    }

    private static Command CreateUnmute(CommandRunner runner)
    {
        var cause = Cause();
        var queue = Arguments.QueueOption("The cause's queue. Default: whichever has failed jobs of it.");
        return runner.Handle(new Command("unmute", "Ends a cause's muting.") { cause, queue }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(cause)!, arguments.GetValue(queue), cancellationToken);
            var view = await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/unmute", null, cancellationToken);
            session.Screen.Answer(view, () => $"{arguments.GetValue(cause)} is not muted.");
            return ExitCodes.Ok;
        });
    }

    private static async Task<string> FindAsync(GatewayTransport gateway, string cause, string? queue, CancellationToken cancellationToken)
    {
        string PathIn(string name) => GatewayTransport.PathOf("queue", name, "failures", cause);
        return PathIn((await QueueFinder.FindAsync(gateway, "cause", cause, queue, PathIn, cancellationToken)).Queue);
    }

    private static Listing TableOf(JsonNode document, DateTimeOffset now)
    {
        var table = Tables.Create(">failed", "last", "cause", "error");
        foreach (var group in document["groups"]!.AsArray().Select(one => one!))
        {
            var replay = group["replay"]?["state"]?.GetValue<string>() is "running" or "held"
                ? $" [replaying, {group["replay"]!["done"]} of {group["replay"]!["total"]}]"
                : group["mute"] is not null ? " [muted]" : string.Empty;
            table.AddRow(
                Tables.Cell(group["count"]!.GetValue<long>(), Tables.Bad),
                Tables.Cell(Rfc3339.TryParse(group["lastSeen"]!.GetValue<string>(), out var last) ? Texts.Relative(last, now) : string.Empty),
                Tables.Cell(group["cause"]!.GetValue<string>()),
                Tables.Cell((group["message"]?.GetValue<string>() ?? "no error on record") + replay));
        }

        return table;
    }
}
