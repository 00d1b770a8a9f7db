using System.Text.Json;
using k8s.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Deploy.Tests.Cluster;
using WhiteCross.Gateway;
using Yarp.ReverseProxy.Configuration;

namespace WhiteCross.Deploy.Tests.InCluster;

/// <summary>What the gateway serves, and what of it the Ingresses lead to.</summary>
internal static class Routes
{
    /// <summary>Served inside the cluster only: the queues' API and the dashboard are for operators, and publishers reach the Service.</summary>
    public static IReadOnlyList<string> Inside { get; } = ["/queue"];

    private static readonly IProxyConfig Proxy = ReadProxy();

    /// <summary>The services to which the gateway passes requests on, each with its routes.</summary>
    public static IReadOnlyList<(string Service, string Path)> Proxied { get; } = [.. Proxy.Routes.Select(route => (route.ClusterId!, route.Match.Path!))];

    /// <summary>Where they are when nothing says where.</summary>
    public static IReadOnlyList<(string Service, Uri Address)> Destinations { get; } =
        [.. Proxy.Clusters.SelectMany(cluster => cluster.Destinations!.Values.Select(destination => (cluster.ClusterId, new Uri(destination.Address))))];

    /// <summary>The paths of an OpenAPI document.</summary>
    public static IReadOnlyList<string> Read(string openApi)
    {
        using var document = JsonDocument.Parse(openApi);
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name)];
    }

    /// <summary>Whether an Ingress leads a path to the gateway.</summary>
    public static bool IsRouted(Overlay overlay, string path) => Prefixes(overlay).Any(prefix => IsUnder(path, prefix));

    /// <summary>The paths that the Ingresses lead to the gateway.</summary>
    public static IEnumerable<string> Prefixes(Overlay overlay) => overlay.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths)
        .Where(path => path.PathType == "Prefix" && path.Backend.Service.Name == Apps.Gateway).Select(path => path.Path);

    public static bool IsUnder(string path, string prefix) => path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal);

    /// <summary>Whether the gateway passes a path of a service on to it.</summary>
    public static bool IsPassedOn(string service, string path) => Proxied.Where(route => route.Service == service)
        .Any(route => new TemplateMatcher(TemplateParser.Parse(route.Path), []).TryMatch(path, []));

    private static IProxyConfig ReadProxy()
    {
        // Built and never started: nobody is asked for jobs there.
        using var gateway = GatewayApp.Create(["--REDIS_HOST=127.0.0.1", "--REDIS_PORT=1"], builder => builder.Logging.ClearProviders());
        return gateway.Services.GetRequiredService<IProxyConfigProvider>().GetConfig();
    }
}
