using k8s.Models;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>What pods, components and triggers refer to is there: ConfigMaps and accounts in the overlay, Secrets among those that the documented script makes.</summary>
internal static class ReferenceChecks
{
    public static IEnumerable<string> Check(Overlay overlay, IReadOnlyDictionary<string, IReadOnlyList<string>> secrets) =>
        CheckMaps(overlay).Concat(SecretsOf(overlay)
            .Where(reference => !secrets.TryGetValue(reference.Secret, out var keys) || !keys.Contains(reference.Key))
            .Select(reference => $"{reference.From} refers to the key {reference.Key} of the Secret {reference.Secret}, which deploy/kubernetes/secrets.sh does not make."));

    public static IEnumerable<string> CheckNoSecrets(Overlay overlay) => overlay.All<V1Secret>().Select(secret => $"The Secret {secret.Name()} stands in the files.")
        .Concat(overlay.Containers.SelectMany(container => (container.Env ?? [])
            .Where(variable => variable.Value is not null && (variable.Name.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || variable.Name.Contains("TOKEN", StringComparison.OrdinalIgnoreCase) || variable.Name.EndsWith("__Key", StringComparison.Ordinal) || variable.Name.StartsWith("ConnectionStrings", StringComparison.Ordinal)))
            .Select(variable => $"{container.Name}: {variable.Name} stands in the files.")));

    private static IEnumerable<string> CheckMaps(Overlay overlay)
    {
        var maps = overlay.All<V1ConfigMap>().Select(map => map.Name()).ToList();
        var accounts = overlay.All<V1ServiceAccount>().Select(account => account.Name()).ToList();
        foreach (var (owner, template) in overlay.Pods)
        {
            var named = template.Spec.Containers.SelectMany(container => container.EnvFrom ?? []).Select(source => source.ConfigMapRef).Where(map => map?.Optional is not true).Select(map => map?.Name)
                .Concat((template.Spec.Volumes ?? []).Select(volume => volume.ConfigMap).Where(map => map?.Optional is not true).Select(map => map?.Name));
            foreach (var missing in named.OfType<string>().Except(maps))
            {
                yield return $"{owner} refers to the ConfigMap {missing}, which does not exist.";
            }

            if (template.Spec.ServiceAccountName is { } account && !accounts.Contains(account))
            {
                yield return $"{owner} runs as {account}, which is no ServiceAccount.";
            }
        }
    }

    private static IEnumerable<(string From, string Secret, string Key)> SecretsOf(Overlay overlay)
    {
        var pods = overlay.Pods.SelectMany(pod => pod.Template.Spec.Containers.SelectMany(container => container.Env ?? [])
            .Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>()
            .Select(reference => (pod.Owner, reference.Name, reference.Key)));
        // Whatever is mounted of a certificate's Secret is there: the certificate, its key and its authority.
        string[] certificate = ["tls.crt", "tls.key", "ca.crt"];
        var mounted = overlay.Pods.SelectMany(pod => (pod.Template.Spec.Volumes ?? []).Where(volume => volume.Secret is { Optional: not true })
            .SelectMany(volume => certificate.Select(key => (pod.Owner, volume.Secret.SecretName, key))));
        var components = overlay.Custom("Component").SelectMany(component => component.Required("spec").Required("metadata").Items.Select(item => item["secretKeyRef"])
            .Where(reference => reference is not null)
            .Select(reference => ($"Component {component.Name}", reference!.Required("name").Text!, reference.Required("key").Text!)));
        var triggers = overlay.Custom("TriggerAuthentication").SelectMany(authentication => authentication.Required("spec").Required("secretTargetRef").Items
            .Select(reference => ($"TriggerAuthentication {authentication.Name}", reference.Required("name").Text!, reference.Required("key").Text!)));
        var annotations = overlay.Deployments.SelectMany(deployment => deployment.Spec.Template.Metadata.Annotations
            .Where(annotation => annotation.Key is "dapr.io/api-token-secret" or "dapr.io/app-token-secret")
            .Select(annotation => ($"Deployment {deployment.Name()}", annotation.Value, "token")));
        // The services' code takes the key of the secret's own name.
        var read = Apps.SecretsOf.SelectMany(app => app.Value.Select(secret => (app.Key, secret, secret)));
        return pods.Concat(mounted).Concat(components).Concat(triggers).Concat(annotations).Concat(read);
    }
}
