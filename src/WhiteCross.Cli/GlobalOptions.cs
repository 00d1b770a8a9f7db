using System.CommandLine;

namespace WhiteCross.Cli;

/// <summary>The options of every command.</summary>
internal sealed class GlobalOptions
{
    private const string UrlVariable = "WC_URL";
    private const string KeyVariable = "WC_API_KEY";
    private const string TokenVariable = "WC_TOKEN";
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

    private readonly Option<bool> _json = new("--json") { Description = "Write JSON: one document, or one a line where it streams.", Recursive = true };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "No colours. They are off where NO_COLOR is set, and where the output is not a terminal.", Recursive = true };

    public IReadOnlyList<Option> All => [_url, _key, _token, _json, _noColor];

    public bool IsJson(ParseResult arguments) => arguments.GetValue(_json);

    public bool IsColorful(ParseResult arguments, CliEnvironment environment) =>
        environment.IsOutputTerminal && !arguments.GetValue(_noColor) && string.IsNullOrEmpty(environment.Variable("NO_COLOR"));

    public string? Key(ParseResult arguments, CliEnvironment environment) => Value(arguments.GetValue(_key), environment, KeyVariable);

    public string? Token(ParseResult arguments, CliEnvironment environment) => Value(arguments.GetValue(_token), environment, TokenVariable);

    /// <summary>The gateway's address.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public Uri Url(ParseResult arguments, CliEnvironment environment)
    {
        var text = Value(arguments.GetValue(_url), environment, UrlVariable) ?? DefaultUrl;
        if (Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
        {
            return url;
        }

        var name = arguments.GetValue(_url) is { Length: > 0 } ? "--url" : UrlVariable;
        throw new CliException(ExitCodes.WrongInput, $"{name} must be an http or https address such as {DefaultUrl}, without user and password (see --key).");
    }

    private static string? Value(string? given, CliEnvironment environment, string variable) =>
        given is { Length: > 0 } ? given : environment.Variable(variable) is { Length: > 0 } set ? set : null;
}
