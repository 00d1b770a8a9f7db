using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace WhiteCross.Testing.Processes;

/// <summary>An app of a Dapr run file, common settings merged in.</summary>
/// <param name="AppId">Its app id.</param>
/// <param name="Folder">Its folder, relative to the repository.</param>
/// <param name="Command">How it is started there.</param>
/// <param name="Port">Its port.</param>
/// <param name="SidecarHttpPort">Its sidecar's port for HTTP.</param>
/// <param name="SidecarGrpcPort">Its sidecar's port for gRPC.</param>
/// <param name="Environment">What is set for the app.</param>
/// <param name="ResourcesPaths">The folders of its sidecar's resources.</param>
/// <param name="ConfigFile">The file of its sidecar's Configuration.</param>
/// <param name="SidecarFlags">daprd's flags, without the app id, ports and paths.</param>
public sealed record DaprRunApp(
    string AppId,
    string Folder,
    IReadOnlyList<string> Command,
    int Port,
    int SidecarHttpPort,
    int SidecarGrpcPort,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> ResourcesPaths,
    string ConfigFile,
    IReadOnlyList<string> SidecarFlags);

/// <summary>Reads <c>dapr.yaml</c>, the file of <c>dapr run -f</c>.</summary>
public static class DaprRunFile
{
    // What `dapr run` turns into flags of daprd.
    private static readonly Dictionary<string, string> Flags = new(StringComparer.Ordinal)
    {
        ["appProtocol"] = "--app-protocol",
        ["appMaxConcurrency"] = "--app-max-concurrency",
        ["enableAppHealthCheck"] = "--enable-app-health-check",
        ["appHealthCheckPath"] = "--app-health-check-path",
        ["appHealthProbeInterval"] = "--app-health-probe-interval",
        ["appHealthProbeTimeout"] = "--app-health-probe-timeout",
        ["appHealthThreshold"] = "--app-health-threshold",
        ["logLevel"] = "--log-level",
        ["maxBodySize"] = "--max-body-size",
        ["readBufferSize"] = "--read-buffer-size",
        ["enableApiLogging"] = "--enable-api-logging",
        ["apiListenAddresses"] = "--dapr-listen-addresses",
    };

    // What concerns the Dapr CLI, or what a test sets by itself.
    private static readonly string[] Others =
        ["appID", "appDirPath", "appPort", "daprHTTPPort", "daprGRPCPort", "metricsPort", "command", "env", "resourcesPaths", "configFilePath", "appLogDestination", "daprdLogDestination"];

    /// <summary>Reads the repository's file.</summary>
    /// <exception cref="InvalidOperationException">It has a setting that is not known here, so that a test would not run as the file says.</exception>
    public static IReadOnlyList<DaprRunApp> Read()
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(Path.Combine(BuiltProjects.Repository, "dapr.yaml")))
        {
            yaml.Load(reader);
        }

        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var common = root.Children.TryGetValue("common", out var node) ? (YamlMappingNode)node : [];
        return [.. ((YamlSequenceNode)root["apps"]).Cast<YamlMappingNode>().Select(app => ReadApp(common, app))];
    }

    private static DaprRunApp ReadApp(YamlMappingNode common, YamlMappingNode app)
    {
        var settings = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in common.Concat(app))
        {
            settings[key.ToString()] = value;
            if (key.ToString() == "env")
            {
                foreach (var (name, text) in (YamlMappingNode)value)
                {
                    environment[name.ToString()] = text.ToString();
                }
            }
        }

        var flags = new List<string>();
        foreach (var (name, value) in settings.Where(setting => !Others.Contains(setting.Key)))
        {
            if (!Flags.TryGetValue(name, out var flag))
            {
                throw new InvalidOperationException($"dapr.yaml has {name}, which {nameof(DaprRunFile)} does not know: add what `dapr run` makes of it.");
            }

            flags.AddRange(value.ToString() switch { "true" => [flag], "false" => Array.Empty<string>(), var text => [flag, text] });
        }

        return new DaprRunApp(
            settings["appID"].ToString(),
            settings["appDirPath"].ToString(),
            Texts("command"),
            Number("appPort"),
            Number("daprHTTPPort"),
            Number("daprGRPCPort"),
            environment,
            [.. Texts("resourcesPaths").Select(PathOf)],
            PathOf(settings["configFilePath"].ToString()),
            flags);

        string PathOf(string path) => Path.GetFullPath(path, BuiltProjects.Repository);
        string[] Texts(string name) => [.. ((YamlSequenceNode)settings[name]).Select(item => item.ToString())];
        int Number(string name) => int.Parse(settings[name].ToString(), CultureInfo.InvariantCulture);
    }
}
