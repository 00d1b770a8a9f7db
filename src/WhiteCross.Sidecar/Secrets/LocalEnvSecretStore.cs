using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Secrets;

/// <summary>
/// secretstores.local.env: environment variables as secrets, those that begin with the component's <c>prefix</c>, without it. As in Dapr a variable
/// that is not set is an empty value, and so are <c>DAPR_…</c> and APP_API_TOKEN, which are never handed out.
/// </summary>
public sealed class LocalEnvSecretStore : ISecretStore
{
    private readonly string _prefix;
    private readonly ResourceEnvironment _environment;

    internal LocalEnvSecretStore(ComponentResource component, ResourceEnvironment environment)
    {
        Name = component.Name;
        _prefix = component.Metadata.Text("prefix") ?? string.Empty;
        _environment = environment;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Get(string secret) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [secret] = ResourceEnvironment.HandsOut(_prefix + secret) ? _environment.Variable(_prefix + secret) ?? string.Empty : string.Empty,
    };

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> GetAll() => _environment.Variables()
        .Where(variable => variable.Key.StartsWith(_prefix, StringComparison.Ordinal) && ResourceEnvironment.HandsOut(variable.Key))
        .Select(variable => (Name: variable.Key[_prefix.Length..], variable.Value))
        .Where(variable => variable.Name.Length > 0)
        .ToDictionary(
            variable => variable.Name,
            IReadOnlyDictionary<string, string> (variable) => new Dictionary<string, string>(StringComparer.Ordinal) { [variable.Name] = variable.Value },
            StringComparer.Ordinal);
}
