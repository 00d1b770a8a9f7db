using System.CommandLine;
using WhiteCross.Cli.Contexts;

namespace WhiteCross.Cli;

/// <summary>The options of every command.</summary>
internal sealed class GlobalOptions
{
    private const string UrlVariable = "WC_URL";
    private const string KeyVariable = "WC_API_KEY";
    private const string TokenVariable = "WC_TOKEN";
    private const string ContextVariable = "WC_CONTEXT";
    private const string DefaultUrl = "http://localhost:5080";

    private readonly Option<string?> _url = new("--url")
    {
        Description = $"The gateway's address. Default: {UrlVariable}, else {DefaultUrl}.",
        Recursive = true,
        HelpName = "address",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"An API key of the gateway. Default: {KeyVariable}, which other users of this machine cannot see as they can a command line.",
        Recursive = true,
        HelpName = "key",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"An access token, where the gateway takes those of an identity provider. Default: {TokenVariable}.",
        Recursive = true,
        HelpName = "token",
    };

    private readonly Option<string?> _context = new("--context")
    {
        Description = $"A gateway by its name: see wc context. Default: {ContextVariable}, else the one that wc context use has chosen.",
        Recursive = true,
        HelpName = "name",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Write JSON: one document, or one a line where it streams.", Recursive = true };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "No colours. They are off where NO_COLOR is set, and where the output is not a terminal.", Recursive = true };

    public IReadOnlyList<Option> All => [_url, _key, _token, _context, _json, _noColor];

    public bool IsJson(ParseResult arguments) => arguments.GetValue(_json);

    public bool IsColorful(ParseResult arguments, CliEnvironment environment) =>
        environment.IsOutputTerminal && !arguments.GetValue(_noColor) && string.IsNullOrEmpty(environment.Variable("NO_COLOR"));

    /// <summary>What the command line itself says.</summary>
    public (string? Url, string? Key, string? Token) Given(ParseResult arguments) =>
        (Text(arguments.GetValue(_url)), Text(arguments.GetValue(_key)), Text(arguments.GetValue(_token)));

    /// <summary>The gateway's address and what to show it: by the command line, else the environment, else the context.</summary>
    /// <exception cref="CliException">The address is none, or there is no such context.</exception>
    public (Uri Url, string? Key, string? Token) Gateway(ParseResult arguments, CliEnvironment environment)
    {
        var given = Given(arguments);
        var (key, token) = (given.Key ?? Text(environment.Variable(KeyVariable)), given.Token ?? Text(environment.Variable(TokenVariable)));
        var named = Text(arguments.GetValue(_context)) ?? Text(environment.Variable(ContextVariable));
        // An address that is given outright is not the context's, whose key it must not see. Named outright, the context goes before the environment's address.
        var url = given.Url ?? (named is null ? Text(environment.Variable(UrlVariable)) : null);
        if (url is not null)
        {
            return (Check(url, given.Url is null ? UrlVariable : "--url"), key, token);
        }

        if (ContextFile.Read(environment).Find(named) is not { } context)
        {
            return (new Uri(DefaultUrl + "/"), key, token);
        }

        // What the environment has may be for another gateway than the one that is named.
        var isOwn = given is { Key: null, Token: null } && (context.Key ?? context.Token) is not null && (named is not null || (key ?? token) is null);
        return (Check(context.Url, "The context's address"), isOwn ? context.Key : key, isOwn ? context.Token : token);
    }

    /// <summary>An address of a gateway.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static Uri Check(string text, string name) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw new CliException(ExitCodes.WrongInput, $"{name} must be an http or https address such as {DefaultUrl}, without user and password (see --key).");

    private static string? Text(string? text) => text is { Length: > 0 } ? text : null;
}
