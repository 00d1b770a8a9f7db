using WhiteCross.Deploy.Tests.Yaml;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>The cluster's Dapr resources say what components/ says; only where the connection comes from differs.</summary>
internal static class StepChecks
{
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["REDIS_HOST"] = "address",
        ["REDIS_USERNAME"] = "username",
        ["REDIS_PASSWORD"] = "password",
    };

    public static IEnumerable<string> Check(Overlay overlay)
    {
        var local = Directory.GetFiles(Repository.PathOf("components"), "*.yaml").SelectMany(file => Node.Load(File.ReadAllText(file), Path.GetFileName(file))).ToList();
        foreach (var document in local.Where(document => document.Kind is "Component" or "Resiliency"))
        {
            if (overlay.Custom(document.Kind).SingleOrDefault(other => other.Name == document.Name) is not { } other)
            {
                yield return $"components/{document.File} has the {document.Kind} {document.Name}, the cluster has not.";
            }
            else if (document.Name != "secrets" && Expected(document, overlay.Settings["REDIS_TLS"]) != Actual(other))
            {
                yield return $"{other.At}: {document.Kind} {document.Name} differs from components/{document.File}.";
            }
        }

        foreach (var other in overlay.Custom("Component").Concat(overlay.Custom("Resiliency")).Where(other => !local.Any(document => document.Kind == other.Kind && document.Name == other.Name)))
        {
            yield return $"{other.At}: components/ has no {other.Kind} {other.Name}.";
        }

        var apis = local.Single(document => document.Kind == "Configuration").Required("spec").Required("api").Content();
        foreach (var configuration in overlay.Custom("Configuration").Where(configuration => configuration.Required("spec")["api"]?.Content() != apis))
        {
            yield return $"{configuration.At}: the APIs of Configuration {configuration.Name} differ from components/config.yaml.";
        }
    }

    private static string Expected(Node document, string tls)
    {
        // The address in a cluster has the port.
        var content = string.Join('\n', Actual(document).Split('\n').Where(line => line != "redisPort envRef: REDIS_PORT"))
            .Replace("envRef: REDIS_TLS", $"\u0001{tls}", StringComparison.Ordinal);
        foreach (var (variable, key) in Keys)
        {
            content = content.Replace($"envRef: {variable}", $"\u0002{key}", StringComparison.Ordinal);
        }

        return content;
    }

    /// <summary>Settings a line each, by their names.</summary>
    private static string Actual(Node document)
    {
        var scopes = string.Join(',', document["scopes"]?.Texts ?? []);
        if (document.Kind != "Component")
        {
            return document.Required("spec").Content() + scopes;
        }

        var settings = document.Required("spec").Required("metadata").Items.Select(item => $"{item["name"]?.Text} " + (
            item["envRef"] is { } variable ? $"envRef: {variable.Text}"
            : item["secretKeyRef"] is { } reference ? (reference["name"]?.Text == "redis" ? $"\u0002{reference["key"]?.Text}" : "another Secret")
            : item["name"]?.Text == "enableTLS" ? $"\u0001{item["value"]?.Text}"
            : item["value"]?.Text));
        return $"{document.Required("spec")["type"]?.Text} {scopes}\n{string.Join('\n', settings.Order(StringComparer.Ordinal))}";
    }
}
