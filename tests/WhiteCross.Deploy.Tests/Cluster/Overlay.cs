using k8s;
using k8s.Models;
using WhiteCross.Deploy.Tests.Schemas;
using WhiteCross.Deploy.Tests.Yaml;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>What an overlay renders to.</summary>
internal sealed class Overlay
{
    private readonly IReadOnlyList<object> _objects;

    private Overlay(string name, YamlFile file) => (Name, File, _objects) = (name, file, file.Objects);

    public static IReadOnlyList<string> Names { get; } = ["development", "production"];

    public string Name { get; }

    public YamlFile File { get; }

    public bool IsProduction => Name == "production";

    public string Namespace => All<V1Namespace>().Select(space => space.Name()).FirstOrDefault() ?? string.Empty;

    public IEnumerable<V1Deployment> Deployments => All<V1Deployment>();

    /// <summary>Whatever runs pods, with what its pods are made from.</summary>
    public IEnumerable<(string Owner, V1PodTemplateSpec Template)> Pods =>
        All<V1Deployment>().Select(owner => ($"Deployment {owner.Name()}", owner.Spec.Template))
            .Concat(All<V1StatefulSet>().Select(owner => ($"StatefulSet {owner.Name()}", owner.Spec.Template)))
            .Concat(All<V1Job>().Select(owner => ($"Job {owner.Name()}", owner.Spec.Template)));

    public IEnumerable<V1Container> Containers => Pods.SelectMany(pod => pod.Template.Spec.Containers);

    /// <summary>The settings that all services share.</summary>
    public IDictionary<string, string> Settings =>
        All<V1ConfigMap>().FirstOrDefault(map => map.Name().StartsWith("settings-", StringComparison.Ordinal))?.Data ?? new Dictionary<string, string>();

    public static Overlay Parse(string text, string name) => new(name, YamlFile.Parse(text, $"deploy/kubernetes/rendered/{name}.yaml"));

    public static string Text(string name) => Repository.Read($"deploy/kubernetes/rendered/{name}.yaml");

    public static Overlay Read(string name) => Parse(Text(name), name);

    public IEnumerable<T> All<T>()
        where T : IKubernetesObject<V1ObjectMeta> => _objects.OfType<T>();

    /// <summary>Resources of Dapr or KEDA.</summary>
    public IEnumerable<Node> Custom(string kind) => File.Documents.Where(document => document.Kind == kind && !document.Required("apiVersion").Text!.Contains(".k8s.io/", StringComparison.Ordinal));
}

/// <summary>What the checks of objects share.</summary>
internal static class Labels
{
    public static bool Matches(this V1LabelSelector? selector, IDictionary<string, string>? labels) =>
        (selector?.MatchLabels ?? new Dictionary<string, string>()).All(wanted => labels?.TryGetValue(wanted.Key, out var value) is true && value == wanted.Value)
        && (selector?.MatchExpressions ?? []).All(wanted => wanted.OperatorProperty == "In" && labels?.TryGetValue(wanted.Key, out var value) is true && wanted.Values.Contains(value));

    public static bool SelectsEverything(this V1LabelSelector? selector) => selector is null or { MatchLabels: null or { Count: 0 }, MatchExpressions: null or { Count: 0 } };
}
