using System.CommandLine;
using System.Globalization;
using System.Net.Http;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc suppressions</c>: the addresses that nothing is sent to.</summary>
internal static class SuppressionsCommand
{
    private const string Root = "queue/message-notification/suppressions";

    public static Command Create(CommandRunner runner)
    {
        var channel = new Option<string?>("--channel") { Description = "Only addresses of this channel: email or sms.", HelpName = "channel" };
        channel.AcceptOnlyFromAmong("email", "sms");
        var limit = Arguments.Limit();
        var cursor = new Option<string?>("--cursor") { Description = "Goes on where the page before ended.", HelpName = "cursor" };
        var command = new Command("suppressions", "Lists the addresses that nothing is sent to, newest first, in part.")
        {
            channel,
            limit,
            cursor,
            OfAddress(runner, "find", "Says whether an address is on the list.", "/find"),
            OfAddress(runner, "add", "Puts an address on the list: nothing is sent to it.", string.Empty),
            Remove(runner),
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"?limit={arguments.GetValue(limit)}")
                + (arguments.GetValue(channel) is { } only ? $"&channel={only}" : string.Empty)
                + (arguments.GetValue(cursor) is { } from ? $"&cursor={Uri.EscapeDataString(from)}" : string.Empty);
            var document = await session.Gateway.GetAsync(Root + query, cancellationToken);
            session.Screen.Answer(document, () => TableOf(document["suppressions"]!.AsArray(), session.Now));
            if (!session.Screen.IsJson && document["nextCursor"]?.GetValue<string>() is { } next)
            {
                session.Screen.Note($"There are more: --cursor {next}");
            }

            return ExitCodes.Ok;
        });
    }

    private static Command OfAddress(CommandRunner runner, string name, string description, string path)
    {
        var address = new Argument<string>("address") { Description = "The e-mail address, or the phone number as +49…; - reads it from the input, which other users of the machine do not see." };
        return runner.Handle(new Command(name, description) { address }, async (session, arguments, cancellationToken) =>
        {
            var given = arguments.GetValue(address)!;
            var text = given == "-" ? (await session.Environment.Input.ReadLineAsync(cancellationToken))?.Trim() ?? string.Empty : given;
            var body = JsonBody.Of(new JsonObject { ["channel"] = text.Contains('@', StringComparison.Ordinal) ? "email" : "sms", ["address"] = text });
            var entry = await session.Gateway.SendAsync(HttpMethod.Post, Root + path, body, cancellationToken);
            session.Screen.Answer(entry, () => TableOf([entry.DeepClone()], session.Now));
            return ExitCodes.Ok;
        });
    }

    private static Command Remove(CommandRunner runner)
    {
        var id = new Argument<string>("id") { Description = "The entry's id, as the list shows it." };
        var yes = Arguments.Yes();
        return runner.Handle(new Command("remove", "Takes an address off the list: it is sent to again. Asks first.") { id, yes }, async (session, arguments, cancellationToken) =>
        {
            await session.ConfirmAsync(arguments.GetValue(yes), $"Send to the address of {arguments.GetValue(id)} again?", cancellationToken);
            await session.Gateway.SendAsync(HttpMethod.Delete, GatewayTransport.PathOf("queue", "message-notification", "suppressions", arguments.GetValue(id)!), null, cancellationToken);
            session.Screen.Answer(new JsonObject { ["id"] = arguments.GetValue(id), ["removed"] = true }, () => $"{arguments.GetValue(id)} is off the list.");
            return ExitCodes.Ok;
        });
    }

    private static Listing TableOf(JsonArray entries, DateTimeOffset now)
    {
        var table = Tables.Create("address", "why", "?detail", "since", "id");
        foreach (var entry in entries.Select(one => one!))
        {
            table.AddRow(
                Tables.Cell(entry["address"]!.GetValue<string>()),
                Tables.Cell(entry["reason"]!.GetValue<string>()),
                Tables.Cell(entry["detail"]?.GetValue<string>() ?? "–"),
                Tables.Cell(Rfc3339.TryParse(entry["createdAt"]!.GetValue<string>(), out var at) ? Texts.Relative(at, now) : "–"),
                Tables.Cell(entry["id"]!.GetValue<string>()));
        }

        return table;
    }
}
