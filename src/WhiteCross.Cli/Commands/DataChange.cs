using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Commands;

/// <summary>What is to be changed of what failed jobs are about, as it is typed.</summary>
internal sealed class DataChange
{
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "field=value: a field to set, such as emailPayload.subject=Hello. A value that is JSON is meant as JSON, any other as text. May be given several times.",
        HelpName = "field=value",
    };

    private readonly Option<string[]> _remove = new("--remove") { Description = "A field to take away. May be given several times.", HelpName = "field" };

    public DataChange() => _set.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            result.AddError($"--set must be field=value, not '{token.Value}'.");
        }
    });

    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Changes nothing: says what would come of it." };

    public Option<string?> Reason { get; } = new("--reason") { Description = "Why, for the audit log: at most 200 characters, no patient's data.", HelpName = "text" };

    public void AddTo(Command command)
    {
        command.Options.Add(_set);
        command.Options.Add(_remove);
        command.Options.Add(DryRun);
        command.Options.Add(Reason);
    }

    public bool IsEmptyIn(SymbolResult result) => result.GetResult(_set) is null && result.GetResult(_remove) is null;

    /// <summary>As the gateway takes it.</summary>
    public JsonObject Read(ParseResult arguments)
    {
        var body = new JsonObject();
        if (arguments.GetValue(_set) is { Length: > 0 } set)
        {
            body["set"] = new JsonObject(set.Select(text => text.Split('=', 2)).GroupBy(parts => parts[0], StringComparer.Ordinal).Select(parts => parts.Count() == 1
                ? KeyValuePair.Create(parts.Key, ValueOf(parts.First()[1]))
                : throw new CliException(ExitCodes.WrongInput, $"--set names the field {parts.Key} more than once.")));
        }

        if (arguments.GetValue(_remove) is { Length: > 0 } remove)
        {
            body["remove"] = new JsonArray([.. remove.Select(field => (JsonNode)field)]);
        }

        return body;
    }

    public string QueryOf(ParseResult arguments) => string.Join('&', new[]
    {
        arguments.GetValue(DryRun) ? "dryRun=true" : null,
        arguments.GetValue(Reason) is { } reason ? $"reason={Uri.EscapeDataString(reason)}" : null,
    }.Where(part => part is not null)) is { Length: > 0 } query ? $"?{query}" : string.Empty;

    private static JsonNode? ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
