using System.Globalization;
using k8s.Models;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>What each pod must have: limits, no rights, probes, and a stop that loses nothing.</summary>
internal static class PodChecks
{
    public static IEnumerable<string> Check(Overlay overlay) => overlay.Pods.SelectMany(pod => CheckPod(pod.Owner, pod.Template.Spec))
        .Concat(overlay.Deployments.SelectMany(CheckProbes))
        .Concat(overlay.Deployments.SelectMany(CheckSpread))
        .Concat(overlay.Deployments.SelectMany(CheckStop));

    private static IEnumerable<string> CheckPod(string owner, V1PodSpec pod)
    {
        if (pod.SecurityContext is not { RunAsNonRoot: true, SeccompProfile.Type: "RuntimeDefault" })
        {
            yield return $"{owner}: the pod must run as non-root, with the seccomp profile RuntimeDefault.";
        }

        foreach (var container in pod.Containers.Concat(pod.InitContainers ?? []))
        {
            var name = $"{owner}, container {container.Name}";
            if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Capabilities.Drop: ["ALL"] })
            {
                yield return $"{name}: needs a read-only file system, no privilege escalation and no capabilities.";
            }

            if (container.Resources?.Requests is not { } requests || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory"))
            {
                yield return $"{name}: needs requests of cpu and memory.";
            }

            if (container.Resources?.Limits?.ContainsKey("memory") is not true)
            {
                yield return $"{name}: needs a limit of memory.";
            }

            if (container.Image.Split('/')[^1].Split('@')[0].Split(':') is not [_, { Length: > 0 } tag] || tag == "latest")
            {
                yield return $"{name}: the image {container.Image} needs a tag, and not latest.";
            }

            var volumes = (pod.Volumes ?? []).Select(volume => volume.Name).Append("data"); // The claim of a StatefulSet.
            foreach (var mount in (container.VolumeMounts ?? []).Where(mount => !volumes.Contains(mount.Name)))
            {
                yield return $"{name}: mounts {mount.Name}, which is no volume of the pod.";
            }
        }
    }

    private static IEnumerable<string> CheckProbes(V1Deployment deployment)
    {
        foreach (var container in deployment.Spec.Template.Spec.Containers)
        {
            (string Name, V1Probe? Probe, string Path)[] probes =
                [("startup", container.StartupProbe, "/healthz"), ("liveness", container.LivenessProbe, "/healthz"), ("readiness", container.ReadinessProbe, "/readyz")];
            foreach (var (name, probe, path) in probes)
            {
                if (probe?.HttpGet is not { } get || get.Path != path)
                {
                    yield return $"{deployment.Name()}: needs a {name} probe of {path}.";
                }
                else if (container.Ports?.Any(port => port.Name == get.Port.Value) is not true)
                {
                    yield return $"{deployment.Name()}: the {name} probe asks the port {get.Port.Value}, which the container does not have.";
                }
            }
        }
    }

    private static IEnumerable<string> CheckSpread(V1Deployment deployment)
    {
        string[] wanted = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];
        var template = deployment.Spec.Template;
        var spread = (template.Spec.TopologySpreadConstraints ?? [])
            .Where(constraint => constraint.LabelSelector.Matches(template.Metadata.Labels) && constraint.MatchLabelKeys?.Contains("app.kubernetes.io/name") is true)
            .Select(constraint => constraint.TopologyKey);
        return wanted.Except(spread).Select(key => $"{deployment.Name()}: its pods must be spread over {key}.");
    }

    /// <summary>The sidecar must outlive the service, and Kubernetes must wait for both.</summary>
    private static IEnumerable<string> CheckStop(V1Deployment deployment)
    {
        var pod = deployment.Spec.Template;
        var sleep = TimeSpan.FromSeconds(pod.Spec.Containers[0].Lifecycle?.PreStop?.Sleep?.Seconds ?? 0);
        var block = Seconds(pod, "dapr.io/block-shutdown-duration");
        var graceful = Seconds(pod, "dapr.io/graceful-shutdown-seconds");
        if (sleep + ServiceDefaultsExtensions.ShutdownTimeout > block)
        {
            yield return $"{deployment.Name()}: the sidecar blocks its shutdown for {block}; the service may take {sleep + ServiceDefaultsExtensions.ShutdownTimeout}.";
        }

        if (block + graceful >= TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30))
        {
            yield return $"{deployment.Name()}: the sidecar may take {block + graceful}, the pod has {pod.Spec.TerminationGracePeriodSeconds} s.";
        }

        if (sleep == TimeSpan.Zero)
        {
            yield return $"{deployment.Name()}: needs a preStop sleep, or requests arrive after it has stopped listening.";
        }
    }

    private static TimeSpan Seconds(V1PodTemplateSpec pod, string annotation) =>
        pod.Metadata.Annotations.TryGetValue(annotation, out var text) && int.TryParse(text.TrimEnd('s'), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;
}
