using System.CommandLine;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc people</c>: what is done when somebody asks for their data, or to be forgotten, and when the law says that something must be kept.</summary>
internal static class PeopleCommand
{
    public static Command Create(CommandRunner runner) => new("people", "Exports and erases a person's data, and keeps it where the law says so. Takes an admin's key, and a reason for the audit log.")
    {
        Export(runner),
        Erase(runner),
        Holds(runner),
        Hold(runner),
        Lift(runner),
    };

    private static Argument<Guid> Person() => new("user") { Description = "The person's user id." };

    private static Option<string> Reason() => new("--reason") { Description = "Why, for the audit log: at most 200 characters.", Required = true, HelpName = "text" };

    private static Command Export(CommandRunner runner)
    {
        var (person, reason) = (Person(), Reason());
        var output = new Option<string?>("--output", "-o") { Description = "The file to write, which must not be there yet. Default: the output.", HelpName = "file" };
        return runner.Handle(new Command("export", "Writes all data of a person, a line of JSON each.") { person, reason, output }, async (session, arguments, cancellationToken) =>
        {
            var path = $"{GatewayTransport.PathOf("queue", "people", arguments.GetValue(person).ToString(), "export")}?reason={Uri.EscapeDataString(arguments.GetValue(reason)!)}";
            var file = arguments.GetValue(output);
            await using var writer = file is null ? null : Open(file);
            var (lines, isWhole) = (0L, false);
            await foreach (var line in session.Gateway.LinesAsync(HttpMethod.Post, path, cancellationToken))
            {
                isWhole = IsEnd(line);
                lines += isWhole ? 0 : 1;
                await (writer ?? session.Environment.Output).WriteLineAsync(line.AsMemory(), cancellationToken);
            }

            if (!isWhole)
            {
                throw new CliException(ExitCodes.Unavailable, $"The export broke off after {Texts.Number(lines)} lines: what was written is not all of it. Ask again.");
            }

            session.Screen.Note($"{Texts.Number(lines)} lines{(file is null ? string.Empty : $" in {file}")}: all of it.");
            return ExitCodes.Ok;
        });
    }

    private static Command Erase(CommandRunner runner)
    {
        var (person, reason, yes) = (Person(), Reason(), Arguments.Yes());
        var dryRun = new Option<bool>("--dry-run") { Description = "Removes nothing: counts what would go." };
        return runner.Handle(new Command("erase", "Adds the job that removes a person's data for good; `wc job` shows how far it is, and what it counted. Asks first.") { person, reason, dryRun, yes }, async (session, arguments, cancellationToken) =>
        {
            var (id, isDry) = (arguments.GetValue(person), arguments.GetValue(dryRun));
            if (!isDry)
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Erase everything of {id} for good?", cancellationToken);
            }

            var path = $"{GatewayTransport.PathOf("queue", "people", id.ToString(), "erase")}?reason={Uri.EscapeDataString(arguments.GetValue(reason)!)}{(isDry ? "&dryRun=true" : string.Empty)}";
            var accepted = await session.Gateway.SendAsync(HttpMethod.Post, path, null, cancellationToken);
            session.Screen.Answer(accepted, () => accepted["jobId"]!.GetValue<string>());
            return ExitCodes.Ok;
        });
    }

    private static Command Holds(CommandRunner runner) =>
        runner.Handle(new Command("holds", "Lists what must not be removed, oldest first."), async (session, _, cancellationToken) =>
        {
            var document = await session.Gateway.GetAsync("queue/legal-holds", cancellationToken);
            var table = Tables.Create("hold", "of", "id", "since", "why");
            foreach (var hold in document.AsArray().Select(one => one!))
            {
                var user = hold["userId"]?.GetValue<string>();
                table.AddRow(
                    Tables.Cell(hold["id"]!.GetValue<string>()),
                    Tables.Cell(user is null ? "conversation" : "user"),
                    Tables.Cell(user ?? hold["conversationId"]?.GetValue<string>() ?? "–"),
                    Tables.Cell(Rfc3339.TryParse(hold["placedAt"]!.GetValue<string>(), out var at) ? Texts.Relative(at, session.Now) : "–"),
                    Tables.Cell(Texts.Line(hold["reason"]?.GetValue<string>() ?? "–")));
            }

            session.Screen.Answer(document, () => table);
            return ExitCodes.Ok;
        });

    private static Command Hold(CommandRunner runner)
    {
        var user = new Option<Guid?>("--user") { Description = "The user, all of whose messages are kept.", HelpName = "id" };
        var conversation = new Option<Guid?>("--conversation") { Description = "The conversation that is kept.", HelpName = "id" };
        var id = new Option<Guid?>("--id") { Description = "The hold's id. Default: a new one; with the same, it may be asked for again.", HelpName = "id" };
        var reason = new Option<string>("--reason") { Description = "Why, for example the number of the case: at most 200 characters.", Required = true, HelpName = "text" };
        var command = new Command("hold", "Keeps a conversation, or everything of a user, from clean-ups and erasures.") { user, conversation, id, reason };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(user) is null) == (result.GetResult(conversation) is null))
            {
                result.AddError("Say what to keep: either --user or --conversation.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var hold = arguments.GetValue(id) ?? Guid.CreateVersion7(session.Now);
            var why = arguments.GetValue(reason)!;
            var wanted = new JsonObject { ["reason"] = why };
            var (name, kept) = arguments.GetValue(user) is { } person ? ("userId", person) : ("conversationId", arguments.GetValue(conversation)!.Value);
            wanted[name] = kept.ToString();
            var body = JsonBody.Of(wanted);
            await session.Gateway.SendAsync(HttpMethod.Put, $"{GatewayTransport.PathOf("queue", "legal-holds", hold.ToString())}?reason={Uri.EscapeDataString(why)}", body, cancellationToken);
            session.Screen.Answer(new JsonObject { ["id"] = hold.ToString() }, () => hold.ToString());
            return ExitCodes.Ok;
        });
    }

    private static Command Lift(CommandRunner runner)
    {
        var hold = new Argument<Guid>("hold") { Description = "The hold's id, as `wc people holds` shows it." };
        var (reason, yes) = (Reason(), Arguments.Yes());
        return runner.Handle(new Command("lift", "Lifts a legal hold: clean-ups and erasures may remove what it kept. Asks first.") { hold, reason, yes }, async (session, arguments, cancellationToken) =>
        {
            var id = arguments.GetValue(hold).ToString();
            await session.ConfirmAsync(arguments.GetValue(yes), $"Lift hold {id}?", cancellationToken);
            await session.Gateway.SendAsync(HttpMethod.Delete, $"{GatewayTransport.PathOf("queue", "legal-holds", id)}?reason={Uri.EscapeDataString(arguments.GetValue(reason)!)}", null, cancellationToken);
            session.Screen.Answer(new JsonObject { ["id"] = id, ["lifted"] = true }, () => $"{id} is lifted.");
            return ExitCodes.Ok;
        });
    }

    // A person's data, for whoever asked for it and nobody else on this machine.
    private static StreamWriter Open(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new StreamWriter(file, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"{file} cannot be written: {exception.Message}");
        }
    }

    private static bool IsEnd(string line)
    {
        try
        {
            return JsonNode.Parse(line)?["kind"]?.GetValue<string>() == "end";
        }
        catch (JsonException)
        {
            return false; // A line that broke off.
        }
    }
}
