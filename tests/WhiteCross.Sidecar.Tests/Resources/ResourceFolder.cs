using WhiteCross.Sidecar.Loading;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

/// <summary>A folder of resource files that a test writes and loads; gone afterwards.</summary>
internal sealed class ResourceFolder : IDisposable
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public ResourceFolder() => Path = Directory.CreateTempSubdirectory("resources-").FullName;

    public string Path { get; }

    public ResourceEnvironment Environment => new()
    {
        Variable = name => _variables.GetValueOrDefault(name),
        Variables = () => _variables,
        WorkingDirectory = Path,
    };

    public ResourceFolder With(string file, string content)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, file), content);
        return this;
    }

    public ResourceFolder WithVariable(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    /// <summary>Adds a component of pub/sub on Redis with further lines below <c>metadata:</c>, indented by two.</summary>
    public ResourceFolder WithComponent(string metadataLines, string type = "pubsub.redis") => With("jobs.yaml", $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: jobs
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join('\n', metadataLines.Split('\n').Select(line => "  " + line))}
        """);

    public LoadedResources Load(string appId = "message-delivery", string? configFile = null) => ResourceLoader.Load(
        [Path], configFile is null ? null : System.IO.Path.Combine(Path, configFile), appId, Environment);

    public ComponentResource LoadOne(string appId = "message-delivery") => Assert.Single(Load(appId).Components);

    /// <summary>What is wrong with the files: without the folder's path, so that a message begins with <c>file:line</c>.</summary>
    public IReadOnlyList<string> Problems(string appId = "message-delivery", string? configFile = null) =>
        [.. Assert.Throws<ResourceException>(() => Load(appId, configFile)).Problems.Select(Short)];

    public IReadOnlyList<string> Warnings(string? configFile = null) => [.. Load(configFile: configFile).Warnings.Select(Short)];

    public string Short(string message) =>
        message.Replace(Path + System.IO.Path.DirectorySeparatorChar, string.Empty, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
