using k8s.Models;
using WhiteCross.Deploy.Tests.Cluster;

namespace WhiteCross.Deploy.Tests.InCluster;

/// <summary>The environment that Kubernetes gives a container: its ConfigMaps and Secrets, then its own variables.</summary>
internal static class PodEnvironment
{
    /// <summary>Makes it.</summary>
    /// <param name="overlay">Where the ConfigMaps are.</param>
    /// <param name="container">The container.</param>
    /// <param name="secrets">The Secrets that there are: the values by key, by name.</param>
    /// <exception cref="InvalidOperationException">Something that is not optional does not exist; Kubernetes would not start the container.</exception>
    public static Dictionary<string, string> Of(Overlay overlay, V1Container container, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom ?? [])
        {
            var (kind, name, optional) = source.ConfigMapRef is { } map ? ("ConfigMap", map.Name, map.Optional) : ("Secret", source.SecretRef.Name, source.SecretRef.Optional);
            var values = source.ConfigMapRef is null
                ? secrets.GetValueOrDefault(name)?.AsEnumerable()
                : overlay.All<V1ConfigMap>().SingleOrDefault(found => found.Name() == name)?.Data.AsEnumerable();
            foreach (var (key, value) in values ?? (optional is true ? [] : throw new InvalidOperationException($"There is no {kind} {name}.")))
            {
                variables[source.Prefix + key] = value;
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            if (variable.ValueFrom is null)
            {
                variables[variable.Name] = variable.Value ?? string.Empty;
                continue;
            }

            var reference = variable.ValueFrom.SecretKeyRef ?? throw new InvalidOperationException($"{variable.Name}: only Secrets are read here; teach this what else there is.");
            if (secrets.TryGetValue(reference.Name, out var secret) && secret.TryGetValue(reference.Key, out var value))
            {
                variables[variable.Name] = value;
            }
            else if (reference.Optional is not true)
            {
                throw new InvalidOperationException($"{variable.Name}: there is no key {reference.Key} in a Secret {reference.Name}.");
            }
        }

        return variables;
    }
}
