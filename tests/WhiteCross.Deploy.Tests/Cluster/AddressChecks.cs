using k8s.Models;
using WhiteCross.Deploy.Tests.InCluster;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>Whoever calls another service by HTTP has its address, and the network lets it through; who is called is always there.</summary>
internal static class AddressChecks
{
    public static IEnumerable<string> Check(Overlay overlay)
    {
        var containers = overlay.Deployments.ToDictionary(deployment => deployment.Name(), deployment => deployment.Spec.Template.Spec.Containers[0]);
        var addresses = containers.SelectMany(container => (container.Value.Env ?? []).Where(variable => variable.Name.StartsWith("Services__", StringComparison.Ordinal))
            .Select(variable => (Caller: container.Key, Service: variable.Name["Services__".Length..], Leads: ServiceAddresses.Resolve(overlay, variable.Value), variable.Value))).ToList();

        foreach (var (caller, service, leads, value) in addresses.Where(address => address.Leads?.Deployment != address.Service))
        {
            yield return $"{caller}: Services__{service} is {value}, which leads to {leads?.Deployment ?? "nothing"}.";
        }

        foreach (var service in Routes.Proxied.Select(route => route.Service).Distinct().Where(service => !addresses.Any(address => address.Caller == Apps.Gateway && address.Service == service)))
        {
            yield return $"{Apps.Gateway}: it passes requests on to {service}, and needs Services__{service}.";
        }

        foreach (var problem in addresses.Where(address => address.Leads is not null).SelectMany(address => CheckNetwork(overlay, address.Caller, address.Leads!.Value)))
        {
            yield return problem;
        }

        foreach (var problem in overlay.IsProduction ? CheckTls(overlay, addresses.Select(address => (address.Caller, address.Service, address.Value))) : [])
        {
            yield return problem;
        }

        foreach (var scaler in overlay.Custom("ScaledObject").Where(scaler => scaler.Required("spec")["minReplicaCount"]?.Text is null or "0"))
        {
            var target = scaler.Required("spec").Required("scaleTargetRef").Required("name").Text!;
            if (Apps.CallersOf.ContainsKey(target) || addresses.Any(address => address.Service == target))
            {
                yield return $"{scaler.At}: {target} is called by other services, so it must not be scaled to zero.";
            }
        }
    }

    private static IEnumerable<string> CheckNetwork(Overlay overlay, string caller, (string Deployment, int Port) target)
    {
        var (callee, number) = target;
        var (from, to) = (LabelsOf(overlay, caller), LabelsOf(overlay, callee));
        var policies = overlay.All<V1NetworkPolicy>().ToList();
        if (!policies.Where(policy => policy.Spec.PodSelector.Matches(to)).SelectMany(policy => policy.Spec.Ingress ?? [])
            .Any(rule => Opens(rule.Ports, number) && Selects(rule.FromProperty, from)))
        {
            yield return $"The network does not let {caller} in to port {number} of {callee}.";
        }

        if (!policies.Where(policy => policy.Spec.PodSelector.Matches(from)).SelectMany(policy => policy.Spec.Egress ?? [])
            .Any(rule => Opens(rule.Ports, number) && Selects(rule.To, to)))
        {
            yield return $"The network does not let {caller} out to port {number} of {callee}.";
        }
    }

    private static IEnumerable<string> CheckTls(Overlay overlay, IEnumerable<(string Caller, string Service, string Value)> addresses)
    {
        foreach (var (caller, service, value) in addresses.Where(address => !address.Value.StartsWith("https://", StringComparison.Ordinal)))
        {
            yield return $"{caller}: Services__{service} is {value}; it must be https.";
        }

        foreach (var ingress in overlay.All<V1Ingress>())
        {
            if (Annotation(ingress, "backend-protocol") != "HTTPS" || Annotation(ingress, "proxy-ssl-verify") != "on"
                || ingress.Spec.Rules.SelectMany(rule => rule.Http.Paths).Any(path => path.Backend.Service.Port.Name != "https"))
            {
                yield return $"Ingress {ingress.Name()}: it must speak TLS to its service, and verify it.";
            }
        }
    }

    private static string? Annotation(V1Ingress ingress, string name) => ingress.Metadata.Annotations.TryGetValue($"nginx.ingress.kubernetes.io/{name}", out var value) ? value : null;

    private static IDictionary<string, string> LabelsOf(Overlay overlay, string app) => overlay.Deployments.Single(deployment => deployment.Name() == app).Spec.Template.Metadata.Labels;

    private static bool Opens(IList<V1NetworkPolicyPort>? ports, int number) =>
        ports is null || ports.Any(port => port.Port is null || port.Port.Value == number.ToString(null, null));

    private static bool Selects(IList<V1NetworkPolicyPeer>? peers, IDictionary<string, string> labels) =>
        peers is null || peers.Any(peer => peer.NamespaceSelector is null && peer.IpBlock is null && peer.PodSelector.Matches(labels));
}
