using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Secrets;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WhiteCross.Sidecar.Loading;

/// <summary>Loads Dapr's resource files.</summary>
public static class ResourceLoader
{
    private static readonly Dictionary<string, string[]> VersionsOfKinds = new(StringComparer.Ordinal)
    {
        ["Component"] = ["dapr.io/v1alpha1"],
        ["Configuration"] = ["dapr.io/v1alpha1"],
        ["Resiliency"] = ["dapr.io/v1alpha1"],
        ["Subscription"] = ["dapr.io/v2alpha1", "dapr.io/v1alpha1"],
    };

    /// <summary>
    /// Loads what an app's sidecar needs: all <c>*.yaml</c> and <c>*.yml</c> directly in the folders, in the order of their names, and one
    /// configuration file. A Configuration that lies in a folder counts only when it is named as the configuration file.
    /// </summary>
    /// <param name="paths">Folders, or single files.</param>
    /// <param name="configFile">The file of the Configuration; null: none.</param>
    /// <param name="appId">The app's id, which scopes name.</param>
    /// <param name="environment">What the files may refer to; the process's environment by default.</param>
    /// <exception cref="ResourceException">Something cannot be used; the message has a line for every problem.</exception>
    public static LoadedResources Load(
        IReadOnlyList<string> paths, string? configFile, string appId, ResourceEnvironment? environment = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentException.ThrowIfNullOrEmpty(appId);
        return new Loading(appId, environment ?? ResourceEnvironment.OfProcess).Run(paths, configFile);
    }

    private sealed class Loading(string appId, ResourceEnvironment environment)
    {
        private readonly List<string> _problems = [];
        private readonly List<string> _warnings = [];
        private readonly Dictionary<string, ISecretStore> _secretStores = new(StringComparer.Ordinal);
        private readonly List<ComponentResource> _components = [];
        private readonly List<SubscriptionResource> _subscriptions = [];
        private readonly List<(ResiliencyResource Resource, YamlMap Document)> _resiliency = [];

        public LoadedResources Run(IReadOnlyList<string> paths, string? configFile)
        {
            string[] files = [.. paths.SelectMany(Files)];
            var documents = files.SelectMany(ReadFile).Where(document => document.Header.IsFor(appId)).ToList();
            var components = documents.Where(document => document.Kind == "Component").ToList();
            RefuseDoubles(components);

            // Secret stores first: the others' settings may refer to them.
            foreach (var document in components.Where(IsSecretStore))
            {
                ReadComponent(document, component => _secretStores.TryAdd(component.Name, SecretStoreFactory.Create(component, environment)));
            }

            foreach (var document in components.Where(document => !IsSecretStore(document)))
            {
                ReadComponent(document, static _ => { });
            }

            foreach (var document in documents)
            {
                Try(() => ReadOther(document));
            }

            _problems.AddRange(ResiliencyReader.CheckReferences(_resiliency));
            var configuration = configFile is null ? null : ReadConfiguration(configFile);
            return _problems.Count > 0
                ? throw new ResourceException(_problems)
                : new LoadedResources
                {
                    Components = _components,
                    SecretStores = _secretStores,
                    Subscriptions = _subscriptions,
                    Resiliency = [.. _resiliency.Select(each => each.Resource)],
                    Configuration = configuration ?? ConfigurationResource.Default,
                    Warnings = _warnings,
                };
        }

        private IEnumerable<string> Files(string path)
        {
            if (Directory.Exists(path))
            {
                return Directory.EnumerateFiles(path)
                    .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".YAML" or ".YML")
                    .Order(StringComparer.Ordinal);
            }

            if (File.Exists(path))
            {
                return [path];
            }

            _problems.Add($"{path}: there is no such folder or file of resources.");
            return [];
        }

        private List<Document> ReadFile(string file)
        {
            var documents = new List<Document>();
            foreach (var map in Parse(file, static yaml => yaml))
            {
                Try(() =>
                {
                    var kind = KindOf(map);
                    if (kind == "Resiliency" && !IsFirst(map, documents))
                    {
                        throw new ResourceException(
                            map.Position, "a Resiliency must be the first document of its file: Dapr reads no other. Give it a file of its own.");
                    }

                    documents.Add(new Document(kind, ResourceHeader.Read(map), map));
                });
            }

            return documents;
        }

        private static bool IsFirst(YamlMap map, List<Document> documents) =>
            documents.Count == 0 || documents[0].Map.Position.Line >= map.Position.Line;

        private List<YamlMap> Parse(string file, Func<string, string> prepare)
        {
            var maps = new List<YamlMap>();
            try
            {
                var stream = new YamlStream();
                stream.Load(new StringReader(prepare(File.ReadAllText(file))));
                foreach (var document in stream.Documents)
                {
                    switch (document.RootNode)
                    {
                        case YamlMappingNode map:
                            maps.Add(new YamlMap(file, map, string.Empty));
                            break;
                        case YamlScalarNode { Value: null or "" }:
                            break;
                        default:
                            _problems.Add($"{new SourcePosition(file, document.RootNode.Start.Line)}: the document must be a mapping with apiVersion, kind, metadata and spec.");
                            break;
                    }
                }
            }
            catch (YamlException exception)
            {
                _problems.Add($"{new SourcePosition(file, exception.Start.Line)}: this is not YAML: {(exception.InnerException ?? exception).Message}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _problems.Add($"{file}: cannot be read: {exception.Message}");
            }

            return maps;
        }

        private static string KindOf(YamlMap map)
        {
            var kind = map.RequiredText("kind");
            var version = map.RequiredText("apiVersion");
            if (!VersionsOfKinds.TryGetValue(kind, out var versions))
            {
                throw map.Wrong("kind", $"is '{kind}', which the local sidecar does not serve; it serves {string.Join(", ", VersionsOfKinds.Keys)}.");
            }

            return versions.Contains(version)
                ? kind
                : throw map.Wrong("apiVersion", $"is '{version}'; for a {kind} it must be {string.Join(" or ", versions)}.");
        }

        private void RefuseDoubles(List<Document> components)
        {
            foreach (var doubles in components.GroupBy(document => document.Header.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            {
                var (first, second) = (doubles.First().Header.Position, doubles.ElementAt(1).Header.Position);
                _problems.Add($"{second}: there is another component '{doubles.Key}' at {first}; names must be unique among what an app loads.");
            }
        }

        private static bool IsSecretStore(Document document) =>
            document.Map.Map("spec")?.Text("type")?.StartsWith("secretstores.", StringComparison.Ordinal) ?? false;

        private void ReadComponent(Document document, Action<ComponentResource> whenRead) => Try(() =>
        {
            var component = new ComponentReader(appId, environment, _secretStores.ToDictionary(store => store.Key, store => (Func<string, IReadOnlyDictionary<string, string>?>)store.Value.Get), _warnings).Read(document.Map);
            whenRead(component);
            _components.Add(component);
        });

        private void ReadOther(Document document)
        {
            switch (document.Kind)
            {
                case "Resiliency":
                    _resiliency.Add((ResiliencyReader.Read(document.Map, _warnings), document.Map));
                    break;
                case "Subscription" when SubscriptionReader.Read(document.Map, _warnings) is { } subscription:
                    if (_subscriptions.Any(other => other.PubSubName == subscription.PubSubName && other.Topic == subscription.Topic))
                    {
                        _warnings.Add($"{document.Header.Position}: there is another subscription to '{subscription.Topic}' of '{subscription.PubSubName}' before this one; Dapr takes the first.");
                        break;
                    }

                    _subscriptions.Add(subscription);
                    break;
                default:
                    break;
            }
        }

        private ConfigurationResource? ReadConfiguration(string file)
        {
            if (!File.Exists(file))
            {
                _problems.Add($"{file}: there is no such configuration file.");
                return null;
            }

            ConfigurationResource? configuration = null;
            foreach (var map in Parse(file, yaml => ConfigurationReader.Expand(yaml, environment)))
            {
                Try(() =>
                {
                    configuration = KindOf(map) == "Configuration"
                        ? ConfigurationReader.Read(map, _warnings)
                        : throw map.Wrong("kind", "of the configuration file must be Configuration.");
                });
            }

            return configuration;
        }

        private void Try(Action read)
        {
            try
            {
                read();
            }
            catch (ResourceException exception)
            {
                _problems.AddRange(exception.Problems);
            }
        }
    }

    private sealed record Document(string Kind, ResourceHeader Header, YamlMap Map);
}
