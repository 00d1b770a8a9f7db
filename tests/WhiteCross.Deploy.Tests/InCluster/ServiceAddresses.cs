using k8s.Models;
using WhiteCross.Deploy.Tests.Cluster;

namespace WhiteCross.Deploy.Tests.InCluster;

/// <summary>The addresses of other services in a container's environment, <c>Services__{app id}</c>, and the Deployments that they lead to.</summary>
internal static class ServiceAddresses
{
    private const string Prefix = "Services__";

    /// <summary>Finds them, by way of the Services that they name.</summary>
    /// <exception cref="InvalidOperationException">An address leads nowhere.</exception>
    public static IEnumerable<(string Variable, string Scheme, string Deployment)> Of(Overlay overlay, V1Container container) => (container.Env ?? [])
        .Where(variable => variable.Name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(variable => (variable.Name, new Uri(variable.Value).Scheme, Resolve(overlay, variable.Value)?.Deployment
            ?? throw new InvalidOperationException($"{variable.Name} is {variable.Value}, which leads to no Deployment.")));

    /// <summary>The Deployment, and the port of its container, to which an address leads; null: nowhere.</summary>
    public static (string Deployment, int Port)? Resolve(Overlay overlay, string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || overlay.All<V1Service>().SingleOrDefault(service => service.Name() == uri.Host) is not { } service)
        {
            return null;
        }

        var target = service.Spec.Ports.SingleOrDefault(port => port.Port == uri.Port)?.TargetPort.Value;
        return overlay.Deployments.Where(deployment => new V1LabelSelector { MatchLabels = service.Spec.Selector }.Matches(deployment.Spec.Template.Metadata.Labels))
            .SelectMany(deployment => deployment.Spec.Template.Spec.Containers[0].Ports.Where(port => port.Name == target).Select(port => ((string, int)?)(deployment.Name(), port.ContainerPort)))
            .SingleOrDefault();
    }
}
