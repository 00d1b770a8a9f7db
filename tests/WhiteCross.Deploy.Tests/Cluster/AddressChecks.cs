using k8s.Models;
using WhiteCross.Deploy.Tests.InCluster;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>Whoever calls another service by HTTP has its address, and the network lets it through; who is called is always there.</summary>
internal static class AddressChecks
{
    private const string Port = "http";

    public static IEnumerable<string> Check(Overlay overlay)
    {
        var containers = overlay.Deployments.ToDictionary(deployment => deployment.Name(), deployment => deployment.Spec.Template.Spec.Containers[0]);
        var addresses = containers.SelectMany(container => (container.Value.Env ?? []).Where(variable => variable.Name.StartsWith("Services__", StringComparison.Ordinal))
            .Select(variable => (Caller: container.Key, Service: variable.Name["Services__".Length..], Leads: ServiceAddresses.Resolve(overlay, variable.Value), variable.Value))).ToList();

        foreach (var (caller, service, leads, value) in addresses.Where(address => address.Leads != address.Service))
        {
            yield return $"{caller}: Services__{service} is {value}, which leads to {leads ?? "nothing"}.";
        }

        foreach (var service in Routes.Proxied.Select(route => route.Service).Distinct().Where(service => !addresses.Any(address => address.Caller == Apps.Gateway && address.Service == service)))
        {
            yield return $"{Apps.Gateway}: it passes requests on to {service}, and needs Services__{service}.";
        }

        foreach (var problem in addresses.Where(address => address.Leads is not null).SelectMany(address => CheckNetwork(overlay, address.Caller, address.Leads!)))
        {
            yield return problem;
        }

        foreach (var scaler in overlay.Custom("ScaledObject").Where(scaler => scaler["spec"]!["minReplicaCount"]?.Text is null or "0"))
        {
            var target = scaler["spec"]!["scaleTargetRef"]!["name"]!.Text!;
            if (Apps.CallersOf.ContainsKey(target) || addresses.Any(address => address.Service == target))
            {
                yield return $"{scaler.At}: {target} is called by other services, so it must not be scaled to zero.";
            }
        }
    }

    private static IEnumerable<string> CheckNetwork(Overlay overlay, string caller, string callee)
    {
        var (from, to) = (LabelsOf(overlay, caller), LabelsOf(overlay, callee));
        var number = overlay.Deployments.Single(deployment => deployment.Name() == callee).Spec.Template.Spec.Containers[0].Ports.Single(port => port.Name == Port).ContainerPort;
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

    private static IDictionary<string, string> LabelsOf(Overlay overlay, string app) => overlay.Deployments.Single(deployment => deployment.Name() == app).Spec.Template.Metadata.Labels;

    private static bool Opens(IList<V1NetworkPolicyPort>? ports, int number) =>
        ports is null || ports.Any(port => port.Port is null || port.Port.Value == number.ToString(null, null) || port.Port.Value == Port);

    private static bool Selects(IList<V1NetworkPolicyPeer>? peers, IDictionary<string, string> labels) =>
        peers is null || peers.Any(peer => peer.NamespaceSelector is null && peer.IpBlock is null && peer.PodSelector.Matches(labels));
}
