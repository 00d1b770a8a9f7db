namespace WhiteCross.Sidecar.Resources;

/// <summary>What every resource begins with.</summary>
/// <param name="Name">metadata.name.</param>
/// <param name="Scopes">The app ids that load it; empty: all.</param>
/// <param name="Position">Where it begins.</param>
public sealed record ResourceHeader(string Name, IReadOnlyList<string> Scopes, SourcePosition Position)
{
    /// <summary>Whether an app loads it.</summary>
    /// <param name="appId">The app's id; compared exactly.</param>
    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);

    internal static ResourceHeader Read(YamlMap document) =>
        new(document.RequiredMap("metadata").RequiredText("name"), document.Texts("scopes"), document.Position);
}
