using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Contexts;

/// <summary>A gateway by its name.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Key">An API key of it; null for none.</param>
/// <param name="Token">An access token; null for none.</param>
internal sealed record GatewayContext(string Url, string? Key, string? Token);

/// <summary>The gateways that have a name, in a file that only its owner may read.</summary>
internal sealed class ContextFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly SortedDictionary<string, GatewayContext> _contexts = new(StringComparer.Ordinal);

    private ContextFile(string path) => _path = path;

    /// <summary>The one that is used when no other is named.</summary>
    public string? Current { get; set; }

    public IDictionary<string, GatewayContext> Contexts => _contexts;

    /// <summary>Reads the file; an empty one where there is none.</summary>
    /// <exception cref="CliException">It cannot be read, or others may read the keys in it.</exception>
    public static ContextFile Read(CliEnvironment environment)
    {
        var file = new ContextFile(PathOf(environment));
        if (!File.Exists(file._path))
        {
            return file;
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file._path) & ~OwnerOnly) != 0)
        {
            throw new CliException(ExitCodes.WrongInput, $"Others may read {file._path}, which holds keys: chmod 600 {file._path}, and have the keys replaced if that was so for long.");
        }

        try
        {
            var document = JsonNode.Parse(File.ReadAllText(file._path))!;
            file.Current = document["current"]?.GetValue<string>();
            foreach (var (name, entry) in document["contexts"]!.AsObject())
            {
                file._contexts[name] = new GatewayContext(entry!["url"]!.GetValue<string>(), entry["key"]?.GetValue<string>(), entry["token"]?.GetValue<string>());
            }

            return file;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"{file._path} cannot be read as contexts: repair it, or remove it and make them anew with wc context set.");
        }
    }

    /// <summary>A context that is named, or the current one; null where none is named and there is none.</summary>
    public GatewayContext? Find(string? name)
    {
        if (name is null)
        {
            return Current is not null && _contexts.TryGetValue(Current, out var current) ? current : null;
        }

        return _contexts.TryGetValue(name, out var found) ? found : throw Unknown(name);
    }

    public CliException Unknown(string name) => new(
        ExitCodes.NotFound, _contexts.Count == 0 ? $"There is no context '{name}': make it with wc context set {name} --url …" : $"There is no context '{name}'; there are: {string.Join(", ", _contexts.Keys)}.");

    /// <summary>Writes the file anew: all of it or nothing, and for nobody else to read at any moment.</summary>
    public void Write()
    {
        var document = new JsonObject { ["current"] = Current, ["contexts"] = new JsonObject(_contexts.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Json(entry.Value)))) };
        var folder = Path.GetDirectoryName(_path)!;
        var next = $"{_path}.{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var stream = new FileStream(next, options))
            {
                JsonSerializer.Serialize(stream, document);
            }

            File.Move(next, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"{_path} cannot be written: see the folder and its permissions.");
        }
    }

    private static JsonObject Json(GatewayContext context)
    {
        var json = new JsonObject { ["url"] = context.Url };
        if (context.Key is not null)
        {
            json["key"] = context.Key;
        }

        if (context.Token is not null)
        {
            json["token"] = context.Token;
        }

        return json;
    }

    private static string PathOf(CliEnvironment environment)
    {
        var folder = environment.Variable("XDG_CONFIG_HOME") is { Length: > 0 } configured ? configured
            : environment.Variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config")
            : Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
        return Path.Combine(folder, "whitecross", "contexts.json");
    }
}
