namespace WhiteCross.Sidecar.Resources;

/// <summary>Reads components. References to secrets are resolved by the secret stores that were read before: what a store has under a secret's name, by the store's.</summary>
internal sealed class ComponentReader(
    string appId,
    ResourceEnvironment environment,
    IReadOnlyDictionary<string, Func<string, IReadOnlyDictionary<string, string>?>> secretStores,
    ICollection<string> warnings)
{
    public static string TypeOf(YamlMap document) => document.RequiredMap("spec").RequiredText("type");

    public ComponentResource Read(YamlMap document)
    {
        document.WarnAboutOthers(warnings, "apiVersion", "kind", "metadata", "spec", "auth", "scopes");
        var header = ResourceHeader.Read(document);
        var spec = document.RequiredMap("spec");
        spec.WarnAboutOthers(warnings, "type", "version", "initTimeout", "ignoreErrors", "metadata");
        var auth = document.Map("auth");
        auth?.WarnAboutOthers(warnings, "secretStore");

        var entries = ReadMetadata(header, spec, auth?.Text("secretStore"));
        var component = new ComponentResource(
            header,
            spec.RequiredText("type"),
            spec.RequiredText("version"),
            InitTimeout(spec),
            spec.Flag("ignoreErrors", false),
            new ComponentMetadata(header.Name, header.Position, entries) { TopicPrefix = TopicPrefix(spec) });
        string[] problems = [.. KnownComponents.Check(component, spec.PositionOf("type"), warnings)];
        return problems.Length == 0 ? component : throw new ResourceException(problems);
    }

    private string TopicPrefix(YamlMap spec) => spec.Maps("metadata").Any(item =>
        string.Equals(item.Text("name"), "consumerID", StringComparison.OrdinalIgnoreCase)
        && (item.Text("value")?.Contains("{namespace}", StringComparison.Ordinal) ?? false)) ? environment.Namespace : string.Empty;

    private TimeSpan InitTimeout(YamlMap spec)
    {
        if (spec.Text("initTimeout") is not { } text)
        {
            return ComponentResource.DefaultInitTimeout;
        }

        if (GoDuration.TryParse(text, out var timeout) && timeout > TimeSpan.Zero)
        {
            return timeout;
        }

        warnings.Add($"{spec.PositionOf("initTimeout")}: spec.initTimeout is '{text}', which is no duration such as 10s; Dapr takes 5s instead.");
        return ComponentResource.DefaultInitTimeout;
    }

    private List<ComponentMetadata.Entry> ReadMetadata(ResourceHeader header, YamlMap spec, string? secretStore)
    {
        var entries = new List<ComponentMetadata.Entry>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in spec.Maps("metadata"))
        {
            item.WarnAboutOthers(warnings, "name", "value", "secretKeyRef", "envRef");
            var name = item.RequiredText("name");
            if (!names.Add(name))
            {
                throw item.Wrong("name", $"is '{name}', which component '{header.Name}' has set before.");
            }

            var (value, reference) = Resolve(item, name, secretStore);
            try
            {
                value = MetadataTemplates.Fill(value, appId, environment);
            }
            catch (FormatException exception)
            {
                throw new ResourceException(item.Position, $"{name} of component '{header.Name}' {exception.Message}");
            }

            entries.Add(new ComponentMetadata.Entry(name, value, item.Position, reference));
        }

        return entries;
    }

    private (string Value, string? Reference) Resolve(YamlMap item, string name, string? secretStore)
    {
        if (item.Text("value") is { } value)
        {
            return (value, null);
        }

        if (item.Map("secretKeyRef") is { } secretReference)
        {
            return Secret(secretReference, name, secretStore);
        }

        if (item.Text("envRef") is not { } variable)
        {
            return (string.Empty, null);
        }

        if (!ResourceEnvironment.HandsOut(variable))
        {
            throw item.Wrong("envRef", $"of {name} is {variable}, which Dapr does not hand out; take a variable that does not begin with DAPR_.");
        }

        return (environment.Variable(variable) ?? string.Empty, $"the environment variable {variable}");
    }

    private (string Value, string? Reference) Secret(YamlMap reference, string name, string? secretStore)
    {
        var secretName = reference.RequiredText("name");
        var key = reference.Text("key") ?? secretName;
        if (secretStore is null)
        {
            throw new ResourceException(
                reference.Position, $"{name} refers to the secret '{secretName}', but the component names no secret store; set auth.secretStore.");
        }

        if (!secretStores.TryGetValue(secretStore, out var store))
        {
            throw new ResourceException(
                reference.Position,
                $"{name} refers to the secret '{secretName}' of the secret store '{secretStore}', which is not among the components of this app"
                + (secretStores.Count == 0 ? "." : $" ({string.Join(", ", secretStores.Keys)})."));
        }

        if (store(secretName) is not { } secret || !secret.TryGetValue(key, out var value))
        {
            throw new ResourceException(
                reference.Position, $"{name} refers to the key '{key}' of the secret '{secretName}', which the secret store '{secretStore}' does not have.");
        }

        return (value, $"the secret '{secretName}' of '{secretStore}'");
    }
}
