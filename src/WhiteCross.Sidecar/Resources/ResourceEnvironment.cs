namespace WhiteCross.Sidecar.Resources;

/// <summary>What resources may refer to outside their files.</summary>
public sealed class ResourceEnvironment
{
    /// <summary>The process's environment and working directory.</summary>
    public static ResourceEnvironment OfProcess { get; } = new();

    /// <summary>Reads an environment variable; null where it is not set. The process's environment by default.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>All environment variables, for secret stores that list them. The process's environment by default.</summary>
    public Func<IEnumerable<KeyValuePair<string, string>>> Variables { get; init; } = () =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(pair => KeyValuePair.Create((string)pair.Key, (string?)pair.Value ?? string.Empty));

    /// <summary>What relative paths inside resources are relative to; the process's working directory by default, as in Dapr.</summary>
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Whether resources and secrets may name a variable: never <c>DAPR_…</c> and APP_API_TOKEN, as in Dapr.</summary>
    /// <param name="variable">Its name.</param>
    public static bool HandsOut(string variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return !variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase) && !variable.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The sidecar's namespace: the variable NAMESPACE, or empty.</summary>
    public string Namespace => Variable("NAMESPACE") ?? string.Empty;
}
