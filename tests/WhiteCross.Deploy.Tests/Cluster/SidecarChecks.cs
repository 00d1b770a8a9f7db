using k8s.Models;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>The annotations that the Dapr injector reads.</summary>
internal static class SidecarChecks
{
    private const string Prefix = "dapr.io/";

    private static readonly string[] Known =
    [
        "enabled", "app-id", "app-port", "app-protocol", "config", "app-max-concurrency", "api-token-secret", "app-token-secret", "enable-app-health-check",
        "app-health-check-path", "app-health-probe-interval", "app-health-probe-timeout", "app-health-threshold", "graceful-shutdown-seconds",
        "block-shutdown-duration", "max-body-size", "read-buffer-size", "log-level", "log-as-json", "enable-api-logging", "enable-metrics", "metrics-port",
        "sidecar-cpu-request", "sidecar-cpu-limit", "sidecar-memory-request", "sidecar-memory-limit", "sidecar-listen-addresses", "env", "env-from-secret",
        "volume-mounts", "disable-builtin-k8s-secret-store", "enable-native-sidecar",
    ];

    public static IEnumerable<string> Check(Overlay overlay)
    {
        var configurations = overlay.Custom("Configuration").Select(configuration => configuration.Name).ToList();
        foreach (var deployment in overlay.Deployments)
        {
            var annotations = deployment.Spec.Template.Metadata.Annotations;
            var service = deployment.Spec.Template.Spec.Containers[0];
            (string Name, string Value)[] wanted =
            [
                ("enabled", "true"), ("app-id", deployment.Name()), ("app-port", service.Ports[0].ContainerPort.ToString(null, null)), ("config", deployment.Name()),
                ("enable-app-health-check", "true"), ("app-health-check-path", service.LivenessProbe?.HttpGet?.Path ?? string.Empty),
                ("api-token-secret", Secret(service, "DAPR_API_TOKEN")), ("app-token-secret", Secret(service, "APP_API_TOKEN")),
            ];
            foreach (var (name, value) in wanted.Where(annotation => !annotations.TryGetValue(Prefix + annotation.Name, out var has) || has != annotation.Value))
            {
                yield return $"{deployment.Name()}: {Prefix}{name} must be {value}.";
            }

            foreach (var unknown in annotations.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal)).Select(key => key[Prefix.Length..]).Except(Known))
            {
                yield return $"{deployment.Name()}: {Prefix}{unknown} is no annotation that Dapr knows.";
            }

            if (!configurations.Contains(annotations[Prefix + "config"]))
            {
                yield return $"{deployment.Name()}: there is no Configuration {annotations[Prefix + "config"]}.";
            }
        }

        foreach (var (owner, template) in overlay.Pods.Where(pod => !pod.Owner.StartsWith("Deployment", StringComparison.Ordinal)))
        {
            if (template.Metadata.Annotations?.Keys.Any(key => key.StartsWith(Prefix, StringComparison.Ordinal)) is true)
            {
                yield return $"{owner}: it never ends with a sidecar beside it, and needs none.";
            }
        }
    }

    private static string Secret(V1Container container, string variable) =>
        container.Env.FirstOrDefault(entry => entry.Name == variable)?.ValueFrom?.SecretKeyRef is { Key: "token" } reference ? reference.Name : $"the Secret of {variable}";
}
