using System.Globalization;
using System.Text.Json;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Secrets;

/// <summary>
/// secretstores.local.file: a JSON file, read once. Nested objects and arrays are flattened: <c>{"a":{"b":["x"]}}</c> is the secret <c>a:b:0</c>,
/// with <c>nestedSeparator</c> in place of the colon. With <c>multiValued</c> each top-level member is one secret, and what is below it are its keys.
/// Values must be strings: Dapr garbles numbers and booleans, so they are refused here.
/// </summary>
public sealed class LocalFileSecretStore : ISecretStore
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _secrets;

    private LocalFileSecretStore(string name, Dictionary<string, IReadOnlyDictionary<string, string>> secrets) =>
        (Name, _secrets) = (name, secrets);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Get(string secret) => _secrets.GetValueOrDefault(secret);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> GetAll() => _secrets;

    internal static LocalFileSecretStore Read(ComponentResource component, ResourceEnvironment environment)
    {
        var metadata = component.Metadata;
        var file = Path.Combine(environment.WorkingDirectory, metadata.RequiredText("secretsFile"));
        var separator = metadata.Text("nestedSeparator") ?? ":";
        var multiValued = metadata.Flag("multiValued");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("the file must hold one JSON object");
            }

            if (multiValued)
            {
                foreach (var member in json.RootElement.EnumerateObject())
                {
                    secrets[member.Name] = member.Value.ValueKind == JsonValueKind.String
                        ? One(member.Name, member.Value.GetString()!)
                        : Flatten(member.Value, separator, member.Name, prefix: string.Empty);
                }
            }
            else
            {
                foreach (var (name, value) in Flatten(json.RootElement, separator, string.Empty, prefix: string.Empty))
                {
                    secrets[name] = One(name, value);
                }
            }

            return new LocalFileSecretStore(component.Name, secrets);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ResourceException(
                metadata.PositionOf("secretsFile"),
                $"secretsFile of component '{component.Name}' cannot be read: {file}. A relative path is relative to the sidecar's working directory.");
        }
        catch (JsonException exception)
        {
            throw new ResourceException(
                metadata.PositionOf("secretsFile"),
                string.Create(CultureInfo.InvariantCulture, $"secretsFile of component '{component.Name}' is not JSON: {file}, line {exception.LineNumber + 1}."));
        }
        catch (FormatException exception)
        {
            throw new ResourceException(
                metadata.PositionOf("secretsFile"), $"secretsFile of component '{component.Name}' cannot be used: {file}: {exception.Message}.");
        }
    }

    private static Dictionary<string, string> One(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private static Dictionary<string, string> Flatten(JsonElement root, string separator, string secret, string prefix)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Visit(root, prefix);
        return values;

        void Visit(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in element.EnumerateObject())
                    {
                        Visit(member.Value, Join(path, member.Name));
                    }

                    break;
                case JsonValueKind.Array:
                    var index = 0;
                    foreach (var item in element.EnumerateArray())
                    {
                        Visit(item, Join(path, index++.ToString(CultureInfo.InvariantCulture)));
                    }

                    break;
                case JsonValueKind.String:
                    values[path] = element.GetString()!;
                    break;
                default:
                    throw new FormatException($"'{(secret.Length > 0 ? Join(secret, path) : path)}' must be a string; put the value in quotes");
            }
        }

        string Join(string path, string name) => path.Length == 0 ? name : path + separator + name;
    }
}
