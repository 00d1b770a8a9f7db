using k8s.Models;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>Whatever selects or names something finds it.</summary>
internal static class SelectorChecks
{
    public static IEnumerable<string> Check(Overlay overlay) =>
    [
        .. CheckOwners(overlay), .. CheckServices(overlay), .. CheckBudgets(overlay), .. CheckPolicies(overlay), .. CheckIngresses(overlay), .. CheckNamespaces(overlay),
    ];

    private static IEnumerable<string> CheckOwners(Overlay overlay)
    {
        foreach (var app in Apps.Ids.Except(overlay.Deployments.Select(deployment => deployment.Name())))
        {
            yield return $"{app} has no Deployment.";
        }

        var owners = overlay.Deployments.Select(owner => (Name: owner.Name(), owner.Spec.Selector, owner.Spec.Template))
            .Concat(overlay.All<V1StatefulSet>().Select(owner => (Name: owner.Name(), owner.Spec.Selector, owner.Spec.Template)));
        foreach (var (name, selector, template) in owners)
        {
            if (selector.SelectsEverything() || !selector.Matches(template.Metadata.Labels))
            {
                yield return $"{name}: its selector does not match its pods.";
            }

            if (overlay.Pods.Count(pod => selector.Matches(pod.Template.Metadata.Labels)) > 1)
            {
                yield return $"{name}: its selector matches the pods of another one too.";
            }
        }
    }

    private static IEnumerable<string> CheckServices(Overlay overlay)
    {
        foreach (var service in overlay.All<V1Service>())
        {
            var pods = overlay.Pods.Where(pod => new V1LabelSelector { MatchLabels = service.Spec.Selector }.Matches(pod.Template.Metadata.Labels)).ToList();
            if (pods.Count != 1)
            {
                yield return $"Service {service.Name()}: its selector matches {pods.Count} kinds of pods; it must match one.";
                continue;
            }

            var ports = pods[0].Template.Spec.Containers.SelectMany(container => container.Ports ?? []).Select(port => port.Name).ToList();
            foreach (var port in service.Spec.Ports.Where(port => !ports.Contains(port.TargetPort.Value)))
            {
                yield return $"Service {service.Name()}: its target port {port.TargetPort.Value} is no port of {pods[0].Owner}.";
            }
        }
    }

    private static IEnumerable<string> CheckBudgets(Overlay overlay)
    {
        var budgets = overlay.All<V1PodDisruptionBudget>().ToList();
        foreach (var deployment in overlay.Deployments)
        {
            var matching = budgets.Where(budget => !budget.Spec.Selector.SelectsEverything() && budget.Spec.Selector.Matches(deployment.Spec.Template.Metadata.Labels)).ToList();
            if (matching.Count != 1 || matching[0].Spec.MaxUnavailable?.Value != "1")
            {
                yield return $"{deployment.Name()}: needs one PodDisruptionBudget, of maxUnavailable 1.";
            }
        }
    }

    private static IEnumerable<string> CheckPolicies(Overlay overlay)
    {
        var pods = overlay.Pods.Select(pod => pod.Template.Metadata.Labels).ToList();
        foreach (var policy in overlay.All<V1NetworkPolicy>())
        {
            var peers = (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []));
            var selectors = peers.Where(peer => peer.PodSelector is not null && peer.NamespaceSelector is null).Select(peer => peer.PodSelector).Append(policy.Spec.PodSelector);
            foreach (var selector in selectors)
            {
                if (!pods.Any(selector.Matches))
                {
                    yield return $"NetworkPolicy {policy.Name()}: a selector matches no pod.";
                }

                foreach (var missing in (selector.MatchExpressions ?? []).SelectMany(expression => expression.Values.Where(value => !pods.Any(labels => labels.TryGetValue(expression.Key, out var has) && has == value))))
                {
                    yield return $"NetworkPolicy {policy.Name()}: no pod is called {missing}.";
                }
            }
        }

        if (!overlay.All<V1NetworkPolicy>().Any(policy => policy.Spec.PodSelector.SelectsEverything() && policy.Spec is { PolicyTypes.Count: 2, Ingress: null, Egress: null }))
        {
            yield return "There must be a NetworkPolicy that closes everything, both ways.";
        }
    }

    private static IEnumerable<string> CheckIngresses(Overlay overlay)
    {
        var services = overlay.All<V1Service>().ToDictionary(service => service.Name());
        foreach (var ingress in overlay.All<V1Ingress>())
        {
            foreach (var path in ingress.Spec.Rules.SelectMany(rule => rule.Http.Paths))
            {
                var backend = path.Backend.Service;
                if (!services.TryGetValue(backend.Name, out var service) || service.Spec.Ports.All(port => port.Name != backend.Port.Name))
                {
                    yield return $"Ingress {ingress.Name()}: {path.Path} leads to the port {backend.Port.Name} of {backend.Name}, which does not exist.";
                }

                if (path.Path is "/" || path.Path.StartsWith("/queue", StringComparison.Ordinal) || path.Path.StartsWith("/internal", StringComparison.Ordinal))
                {
                    yield return $"Ingress {ingress.Name()}: {path.Path} is not for users.";
                }
            }

            if (overlay.IsProduction && ingress.Spec.Rules.Any(rule => ingress.Spec.Tls?.Any(tls => tls.Hosts.Contains(rule.Host)) is not true))
            {
                yield return $"Ingress {ingress.Name()}: every host needs TLS.";
            }
        }
    }

    private static IEnumerable<string> CheckNamespaces(Overlay overlay) => overlay.File.Documents
        .Where(document => document.Kind != "Namespace" && document.Required("metadata")["namespace"]?.Text != overlay.Namespace)
        .Select(document => $"{document.At}: {document.Kind} {document.Name} must be in the namespace {overlay.Namespace}.");
}
