using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Secrets;

/// <summary>Makes secret stores from components.</summary>
public static class SecretStoreFactory
{
    /// <summary>Makes the secret store of a component.</summary>
    /// <param name="component">A component of the type secretstores.local.file or secretstores.local.env.</param>
    /// <param name="environment">Environment variables, and what a relative path is relative to.</param>
    /// <exception cref="ResourceException">It cannot be used: settings, or a file that is missing or wrong.</exception>
    public static ISecretStore Create(ComponentResource component, ResourceEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(component);
        return component.Type switch
        {
            KnownComponents.SecretsLocalFile => LocalFileSecretStore.Read(component, environment),
            KnownComponents.SecretsLocalEnv => new LocalEnvSecretStore(component, environment),
            _ => throw new ResourceException(component.Header.Position, $"component '{component.Name}' of type {component.Type} is not a secret store."),
        };
    }
}
