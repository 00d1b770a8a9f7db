using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Contexts;

/// <summary><c>wc context</c>: gateways by name, with their keys.</summary>
internal static class ContextCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("context", "Shows the gateways that have a name; its subcommands name them.") { CreateSet(runner), CreateUse(runner), CreateRemove(runner) };
        return runner.HandleAlone(command, (environment, screen, _) =>
        {
            var file = ContextFile.Read(environment);
            var all = new JsonArray([.. file.Contexts.Select(entry => (JsonNode)new JsonObject { ["name"] = entry.Key, ["url"] = entry.Value.Url, ["hasKey"] = HasKey(entry.Value), ["current"] = entry.Key == file.Current })]);
            if (file.Contexts.Count == 0 && !screen.IsJson)
            {
                screen.Note("None yet: wc context set NAME --url ADDRESS --key-input < key");
            }
            else
            {
                screen.Answer(all, () => TableOf(file));
            }
        });
    }

    private static Command CreateSet(CommandRunner runner)
    {
        var name = Name("What to call it.");
        var keyInput = new Option<bool>("--key-input") { Description = "Read the API key from the input, where a command line and its history do not show it." };
        var command = new Command("set", "Names a gateway: the --url, --key and --token that are given. The first one is used from then on.") { name, keyInput };
        return runner.HandleAlone(command, (environment, screen, arguments) =>
        {
            var (url, key, token) = runner.Globals.Given(arguments);
            if (arguments.GetValue(keyInput))
            {
                key = environment.Input.ReadLine()?.Trim() is { Length: > 0 } read ? read : throw new CliException(ExitCodes.WrongInput, "--key-input: the input is empty.");
            }

            var file = ContextFile.Read(environment);
            var known = file.Contexts.TryGetValue(arguments.GetValue(name)!, out var before) ? before : null;
            if (url is null && known is null)
            {
                throw new CliException(ExitCodes.WrongInput, "A new context needs its --url.");
            }

            // A key is for the address it was given for.
            var isMoved = url is not null && known is not null && !string.Equals(url, known.Url, StringComparison.Ordinal);
            file.Contexts[arguments.GetValue(name)!] = new GatewayContext(url is null ? known!.Url : GlobalOptions.Check(url, "--url").ToString(), key ?? (isMoved ? null : known?.Key), token ?? (isMoved ? null : known?.Token));
            file.Current ??= arguments.GetValue(name);
            file.Write();
            screen.Answer(new JsonObject { ["name"] = arguments.GetValue(name), ["current"] = file.Current == arguments.GetValue(name) }, () => file.Current == arguments.GetValue(name) ? $"{file.Current} is set, and used." : $"{arguments.GetValue(name)} is set; {file.Current} is used.");
        });
    }

    private static Command CreateUse(CommandRunner runner)
    {
        var name = Name("Which one.");
        return runner.HandleAlone(new Command("use", "Uses a context from now on, where --url, --context and WC_URL say nothing else.") { name }, (environment, screen, arguments) =>
        {
            var file = ContextFile.Read(environment);
            file.Find(arguments.GetValue(name)!);
            file.Current = arguments.GetValue(name);
            file.Write();
            screen.Answer(new JsonObject { ["name"] = file.Current, ["current"] = true }, () => $"{file.Current} is used.");
        });
    }

    private static Command CreateRemove(CommandRunner runner)
    {
        var name = Name("Which one.");
        return runner.HandleAlone(new Command("remove", "Forgets a context and its key.") { name }, (environment, screen, arguments) =>
        {
            var file = ContextFile.Read(environment);
            if (!file.Contexts.Remove(arguments.GetValue(name)!))
            {
                throw file.Unknown(arguments.GetValue(name)!);
            }

            file.Current = file.Current == arguments.GetValue(name) ? null : file.Current;
            file.Write();
            screen.Answer(new JsonObject { ["name"] = arguments.GetValue(name), ["removed"] = true }, () => $"{arguments.GetValue(name)} is forgotten.");
        });
    }

    private static Argument<string> Name(string description) => new("name") { Description = description };

    private static bool HasKey(GatewayContext context) => context.Key is not null || context.Token is not null;

    private static Listing TableOf(ContextFile file)
    {
        var table = Tables.Create("used", "context", "gateway", "key");
        foreach (var (name, context) in file.Contexts)
        {
            table.AddRow(Tables.Cell(name == file.Current ? "*" : string.Empty), Tables.Cell(name), Tables.Cell(context.Url), Tables.Cell(HasKey(context) ? "yes" : "none"));
        }

        return table;
    }
}
