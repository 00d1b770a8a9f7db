using k8s.Models;
using WhiteCross.Deploy.Tests.Yaml;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>Who may invoke whom and read which secret, by Dapr's Configurations, by the network and by roles: the same answer each time.</summary>
internal static class AccessChecks
{
    private const string SidecarPort = "50002";

    public static IEnumerable<string> Check(Overlay overlay) => Apps.Ids.SelectMany(app => CheckConfiguration(overlay, app))
        .Concat(Apps.Ids.SelectMany(app => CheckNetwork(overlay, app)))
        .Concat(Apps.Ids.SelectMany(app => CheckRoles(overlay, app)));

    private static string[] Callers(string app) => Apps.CallersOf.GetValueOrDefault(app, []);

    private static IEnumerable<string> CheckConfiguration(Overlay overlay, string app)
    {
        if (overlay.Custom("Configuration").SingleOrDefault(configuration => configuration.Name == app)?["spec"] is not { } spec)
        {
            yield return $"{app} has no Configuration.";
            yield break;
        }

        if (spec["accessControl"] is not { } access || access["defaultAction"]?.Text != "deny")
        {
            yield return $"{spec.At}: the access control of {app} must deny by default.";
            yield break;
        }

        var policies = access["policies"]?.Items.ToList() ?? [];
        if (!policies.Select(policy => policy["appId"]?.Text).Order(StringComparer.Ordinal).SequenceEqual(Callers(app).Order(StringComparer.Ordinal)))
        {
            yield return $"{access.At}: {app} may be invoked by {string.Join(", ", Callers(app))}, and nobody else.";
        }

        foreach (var policy in policies)
        {
            var operations = policy["operations"]?.Items.Where(operation => operation["action"]?.Text == "allow").Select(operation => operation["name"]?.Text).ToList() ?? [];
            if (policy["namespace"]?.Text != overlay.Namespace || policy["trustDomain"]?.Text != access["trustDomain"]?.Text || policy["defaultAction"]?.Text != "deny" || operations is not ["/internal/**"])
            {
                yield return $"{policy.At}: the policy of {app} for {policy["appId"]?.Text} must allow /internal/** only, in the namespace {overlay.Namespace} and the trust domain {access["trustDomain"]?.Text}.";
            }
        }

        var scopes = spec["secrets"]?["scopes"]?.Items.ToList() ?? [];
        var allowed = scopes.SingleOrDefault(scope => scope["storeName"]?.Text == "secrets")?["allowedSecrets"]?.Texts ?? [];
        if (scopes.Any(scope => scope["defaultAccess"]?.Text != "deny") || scopes.All(scope => scope["storeName"]?.Text != "kubernetes") || !allowed.SequenceEqual(Apps.SecretsOf.GetValueOrDefault(app, [])))
        {
            yield return $"{spec.At}: {app} may read the secrets {string.Join(", ", Apps.SecretsOf.GetValueOrDefault(app, ["(none)"]))}, and no other.";
        }
    }

    private static IEnumerable<string> CheckNetwork(Overlay overlay, string app)
    {
        var pods = overlay.Deployments.ToDictionary(deployment => deployment.Name(), deployment => deployment.Spec.Template.Metadata.Labels);
        if (!pods.TryGetValue(app, out var own))
        {
            yield break;
        }

        var policies = overlay.All<V1NetworkPolicy>().ToList();
        var incoming = policies.Where(policy => policy.Spec.PodSelector.Matches(own)).SelectMany(policy => policy.Spec.Ingress ?? [])
            .Where(rule => Opens(rule.Ports)).SelectMany(rule => rule.FromProperty ?? [new V1NetworkPolicyPeer()]).ToList();
        var callers = pods.Where(pod => pod.Key != app && incoming.Any(peer => Selects(peer, pod.Value))).Select(pod => pod.Key);
        if (!callers.Order(StringComparer.Ordinal).SequenceEqual(Callers(app).Order(StringComparer.Ordinal)))
        {
            yield return $"The network lets {string.Join(", ", callers)} to the sidecar of {app}; it must be {string.Join(", ", Callers(app))}.";
        }

        // Workflows and activities are actors, which any instance's sidecar may host.
        foreach (var caller in app == JobQueues.BatchMessageSending ? [.. Callers(app), app] : Callers(app))
        {
            if (!incoming.Any(peer => Selects(peer, pods[caller])))
            {
                yield return $"The network does not let {caller} in to the sidecar of {app}.";
            }

            var outgoing = policies.Where(policy => policy.Spec.PodSelector.Matches(pods[caller])).SelectMany(policy => policy.Spec.Egress ?? []).Where(rule => Opens(rule.Ports));
            if (!outgoing.Any(rule => rule.To is null || rule.To.Any(peer => Selects(peer, own))))
            {
                yield return $"The network does not let {caller} reach the sidecar of {app}.";
            }
        }
    }

    private static IEnumerable<string> CheckRoles(Overlay overlay, string app)
    {
        var roles = overlay.All<V1RoleBinding>().Where(binding => binding.Subjects.Any(subject => subject.Name == app && subject.NamespaceProperty == overlay.Namespace)).Select(binding => binding.RoleRef.Name).ToList();
        var readable = overlay.All<V1Role>().Where(role => roles.Contains(role.Name())).SelectMany(role => role.Rules).ToList();
        var secrets = readable.SelectMany(rule => rule.ResourceNames ?? ["everything"]).ToList();
        if (!secrets.SequenceEqual(Apps.SecretsOf.GetValueOrDefault(app, [])) || readable.Any(rule => rule.Verbs is not ["get"] || rule.Resources is not ["secrets"]))
        {
            yield return $"The roles of {app} must let it get the Secrets {string.Join(", ", Apps.SecretsOf.GetValueOrDefault(app, ["(none)"]))}, by name, and nothing else.";
        }

        var mountsToken = overlay.Deployments.FirstOrDefault(deployment => deployment.Name() == app)?.Spec.Template.Spec.AutomountServiceAccountToken ?? true;
        if (mountsToken != Apps.SecretsOf.ContainsKey(app))
        {
            yield return $"{app}: its pods {(mountsToken ? "need no token of" : "need a token for")} the API server.";
        }
    }

    private static bool Opens(IList<V1NetworkPolicyPort>? ports) => ports is null || ports.Any(port => port.Port?.Value == SidecarPort);

    private static bool Selects(V1NetworkPolicyPeer peer, IDictionary<string, string> labels) =>
        peer.NamespaceSelector is null && peer.IpBlock is null && peer.PodSelector.Matches(labels);
}
