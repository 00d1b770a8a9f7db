using k8s.Models;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>What a container may write to, and where its settings say that files are.</summary>
internal static class VolumeChecks
{
    public static IEnumerable<string> Check(Overlay overlay) => overlay.Pods.SelectMany(pod => pod.Template.Spec.Containers.SelectMany(container => CheckContainer(overlay, pod.Owner, pod.Template.Spec, container)));

    private static IEnumerable<string> CheckContainer(Overlay overlay, string owner, V1PodSpec pod, V1Container container)
    {
        var mounts = (container.VolumeMounts ?? []).ToList();
        if (!mounts.Any(mount => mount.MountPath == "/tmp" && pod.Volumes?.Any(volume => volume.Name == mount.Name && volume.EmptyDir is not null) is true))
        {
            yield return $"{owner}: needs an emptyDir at /tmp: nothing else can be written to.";
        }

        foreach (var unused in (pod.Volumes ?? []).Select(volume => volume.Name).Except(pod.Containers.SelectMany(other => other.VolumeMounts ?? []).Select(mount => mount.Name)))
        {
            yield return $"{owner}: the volume {unused} is mounted nowhere.";
        }

        // Settings of the ConfigMaps count too. Commands and images of others know their own files.
        var settings = (container.Env ?? []).Where(variable => variable.Value is not null).Select(variable => (variable.Name, variable.Value))
            .Concat((container.EnvFrom ?? []).SelectMany(source => overlay.All<V1ConfigMap>().Where(map => map.Name() == source.ConfigMapRef?.Name)).SelectMany(map => map.Data.Select(pair => (Name: pair.Key, pair.Value))));
        foreach (var (name, value) in settings.Where(setting => setting.Value.StartsWith('/') && !mounts.Any(mount => setting.Value == mount.MountPath || setting.Value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal))))
        {
            yield return $"{owner}: {name} is {value}, which no volume is mounted at.";
        }

        // One pod at a time could have it, and a rolling update would wait for ever for the old one to go.
        var claims = (pod.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>().ToList();
        foreach (var claim in overlay.All<V1PersistentVolumeClaim>().Where(claim => claims.Contains(claim.Name()) && owner.StartsWith("Deployment", StringComparison.Ordinal) && !claim.Spec.AccessModes.Contains("ReadWriteMany")))
        {
            yield return $"{owner}: {claim.Name()} is for one node only, and the Deployment has several pods.";
        }
    }
}
