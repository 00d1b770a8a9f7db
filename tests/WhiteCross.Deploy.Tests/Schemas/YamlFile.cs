using System.Collections.Concurrent;
using k8s;
using WhiteCross.Deploy.Tests.Yaml;
using YamlDotNet.Core;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>A file of the repository, or what was rendered from some: its documents, and what is wrong with them by their schemas.</summary>
internal sealed class YamlFile
{
    private static readonly Dictionary<(string Group, string Kind), Shape> Resources = new()
    {
        [("dapr.io", "Component")] = DaprSchemas.Component,
        [("dapr.io", "Resiliency")] = DaprSchemas.Resiliency,
        [("dapr.io", "Configuration")] = DaprSchemas.Configuration,
        [("keda.sh", "ScaledObject")] = KedaSchemas.ScaledObject,
        [("keda.sh", "TriggerAuthentication")] = KedaSchemas.TriggerAuthentication,
        [("kustomize.config.k8s.io", "Kustomization")] = BuildSchemas.Kustomization,
        [("kustomize.config.k8s.io", "Component")] = BuildSchemas.Kustomization,
    };

    // By their text: files differ in few of their objects, broken ones in one, and Kubernetes' client takes its time.
    private static readonly ConcurrentDictionary<string, ReadObject> Known = new(StringComparer.Ordinal);

    private YamlFile(IReadOnlyList<Node> documents, IReadOnlyList<object> objects, IReadOnlyList<string> problems) =>
        (Documents, Objects, Problems) = (documents, objects, problems);

    /// <summary>All documents.</summary>
    public IReadOnlyList<Node> Documents { get; }

    /// <summary>Those of Kubernetes' own kinds, as its client knows them.</summary>
    public IReadOnlyList<object> Objects { get; }

    public IReadOnlyList<string> Problems { get; }

    public static YamlFile Read(string file) => Parse(Repository.Read(file), file);

    public static YamlFile Parse(string text, string file)
    {
        var (documents, objects, problems) = (new List<Node>(), new List<object>(), new List<string>());
        try
        {
            documents.AddRange(Node.Load(text, file));
        }
        catch (YamlException exception)
        {
            return new([], [], [$"{file}:{exception.Start.Line}: {exception.Message}"]);
        }

        var lines = text.Split('\n');
        foreach (var document in documents)
        {
            if (ShapeOf(document) is { } shape)
            {
                problems.AddRange(shape.Check(document));
            }
            else if (document["apiVersion"]?.Text is { } version && (!version.Contains('.', StringComparison.Ordinal) || version.Contains(".k8s.io/", StringComparison.Ordinal)))
            {
                var first = (int)document.Value.Start.Line;
                var read = Known.GetOrAdd(string.Join('\n', lines.Skip(first - 1).TakeWhile(line => line != "---")), ReadByClient);
                if (read.Value is { } value)
                {
                    objects.Add(value);
                }
                else
                {
                    problems.Add($"{file}:{first + read.Line - 1}: {document["apiVersion"]?.Text} {document.Kind} {document.Name}: {read.Problem}");
                }
            }
            else
            {
                problems.Add($"{document.At}: no schema is known for it; give it one in tests/WhiteCross.Deploy.Tests/Schemas.");
            }
        }

        return new(documents, objects, problems);
    }

    private static Shape? ShapeOf(Node document) => document.File switch
    {
        "dapr.yaml" => RunSchemas.DaprRun,
        "tye.yaml" => RunSchemas.Tye,
        "deploy/compose/compose.yaml" => RunSchemas.Compose,
        "deploy/prometheus/alerts.yaml" => PrometheusSchemas.Rules,
        "tests/client/redocly.yaml" => BuildSchemas.Redocly,
        ".github/dependabot.yml" => BuildSchemas.Dependabot,
        var file when file.StartsWith(".github/workflows/", StringComparison.Ordinal) => BuildSchemas.Workflow,
        _ => Resources.GetValueOrDefault(((document["apiVersion"]?.Text ?? string.Empty).Split('/')[0], document.Kind)),
    };

    private static ReadObject ReadByClient(string text)
    {
        try
        {
            return KubernetesYaml.LoadAllFromString(text, strict: true) is [var only] ? new(only) : new(null, 1, "it is no kind that Kubernetes knows");
        }
        catch (YamlException exception)
        {
            return new(null, (int)exception.Start.Line, (exception.InnerException ?? exception).Message);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new(null, 1, exception.Message);
        }
    }

    /// <summary>An object as Kubernetes' client reads it, or what is wrong and on which of its lines.</summary>
    private sealed record ReadObject(object? Value, int Line = 1, string? Problem = null);
}
