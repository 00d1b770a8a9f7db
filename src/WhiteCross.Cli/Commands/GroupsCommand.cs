using System.CommandLine;
using System.Net.Http;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
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
            CreateDiscard(runner),
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var name = arguments.GetValue(queue);
            var document = await session.Gateway.GetAsync(name is null ? "queue/failures?limit=500" : $"{GatewayClient.PathOf("queue", name, "failures")}?limit=500", cancellationToken);
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

    private static async Task<string> FindAsync(GatewayClient gateway, string cause, string? queue, CancellationToken cancellationToken)
    {
        string PathIn(string name) => GatewayClient.PathOf("queue", name, "failures", cause);
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
