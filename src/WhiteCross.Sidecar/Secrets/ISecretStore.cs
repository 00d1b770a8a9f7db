namespace WhiteCross.Sidecar.Secrets;

/// <summary>
/// A secret store. A secret has a name and one or more keys with values; the stores that this sidecar serves hold everything in memory, so that
/// nothing here waits.
/// </summary>
public interface ISecretStore
{
    /// <summary>The component's name.</summary>
    string Name { get; }

    /// <summary>Reads one secret.</summary>
    /// <param name="secret">Its name.</param>
    /// <returns>Its keys and values; null where there is no such secret.</returns>
    IReadOnlyDictionary<string, string>? Get(string secret);

    /// <summary>Reads all secrets: name → key → value.</summary>
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> GetAll();
}
