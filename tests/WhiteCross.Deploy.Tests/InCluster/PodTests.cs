using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using WhiteCross.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: UnsupportedOSPlatform("windows")] // Scripts, users and the modes of files.

namespace WhiteCross.Deploy.Tests.InCluster;

// One after the other: each starts ten processes.
[Collection(nameof(PodTests))]
public sealed class DevelopmentPodTests(DevelopmentPods pods) : PodTests(pods), IClassFixture<DevelopmentPods>;

[Collection(nameof(PodTests))]
public sealed class ProductionPodTests(ProductionPods pods) : PodTests(pods), IClassFixture<ProductionPods>;

/// <summary>The services of an overlay start under the conditions of their pods, reach each other, and end when they are told to.</summary>
public abstract class PodTests(PodsOfOverlay pods)
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Described = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_service_starts_and_becomes_ready_as_a_user_who_may_write_nowhere()
    {
        Assert.Equal(Apps.Ids.Order(), pods.Services.Keys.Order());
        await Task.WhenAll(pods.Services.Keys.Select(async service =>
        {
            foreach (var probe in Probes(service))
            {
                await pods.WaitAsync(service, probe, Cancellation);
            }
        }));

        if (!UnprivilegedUser.CanBecome)
        {
            TestContext.Current.TestOutputHelper?.WriteLine("Not root, or no setpriv: the services ran as the user of the tests, in a folder that it may not write to.");
            return;
        }

        Assert.All(pods.Services.Values, service =>
        {
            Assert.Equal(UnprivilegedUser.Id, UserOf(service.Process.Id));
            var mode = File.GetUnixFileMode(File.ResolveLinkTarget($"/proc/{service.Process.Id}/cwd", returnFinalTarget: true)!.FullName);
            Assert.False(mode.HasFlag(UnixFileMode.OtherWrite));
        });
    }

    [Fact]
    public async Task Every_migration_ends_well()
    {
        Assert.NotEmpty(pods.Migrations);
        foreach (var migration in pods.Migrations.Values)
        {
            var code = await migration.WaitForExitAsync(Cancellation);
            Assert.True(code == 0, $"{migration.Name} ended with {code}:\n{migration.LastOutput()}");
        }
    }

    [Fact]
    public async Task The_gateway_reaches_Redis_and_every_service_that_it_passes_requests_on_to()
    {
        await Task.WhenAll(pods.Services.Keys.Select(service => pods.WaitAsync(service, "/readyz", Cancellation)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/queue/metrics"));
        var user = Guid.NewGuid();
        string[] paths = [$"/users/{user}/messages?userId={user}", $"/users/{user}/notifications?userId={user}", $"/search?q=a&userId={user}", $"/batches/{Guid.NewGuid()}"];
        Assert.Equal(Routes.Proxied.Select(route => route.Service).Distinct().Count(), paths.Length);
        foreach (var path in paths)
        {
            // Answered by the service, be it that it knows no such batch or demands a user; the gateway itself would say 502 or 504.
            await Eventually.TrueAsync(async () => await StatusAsync(path) is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task What_is_served_to_users_is_on_an_Ingress_and_nothing_else()
    {
        var gateway = await PathsAsync(Apps.Gateway);
        Assert.NotEmpty(gateway);
        Assert.All(gateway, path => Assert.True(
            Routes.IsRouted(pods.Overlay, path) != Routes.Inside.Any(inside => Routes.IsUnder(path, inside)),
            $"{path} of the gateway must either be on an Ingress or stay inside the cluster ({nameof(Routes)}.{nameof(Routes.Inside)})."));

        foreach (var service in Routes.Proxied.Select(route => route.Service).Distinct())
        {
            var paths = (await PathsAsync(service)).Where(path => !Routes.IsUnder(path, "/internal")).ToList();
            Assert.NotEmpty(paths);
            Assert.All(paths, path => Assert.True(Routes.IsPassedOn(service, path), $"The gateway does not pass {path} on to {service}."));
            Assert.All(paths, path => Assert.True(Routes.IsRouted(pods.Overlay, path), $"No Ingress leads to {path} of {service}."));
        }

        Assert.All(Routes.Proxied, route => Assert.True(Routes.IsRouted(pods.Overlay, Fixed(route.Path)), $"No Ingress leads to {route.Path}."));
        Assert.All(Routes.Prefixes(pods.Overlay), prefix => Assert.Contains(Routes.Proxied, route => Routes.IsUnder(Fixed(route.Path), prefix)));
    }

    private static string Fixed(string template) => template.Split("/{**")[0];

    private static int UserOf(int process) => int.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);

    private IEnumerable<string> Probes(string service)
    {
        var container = pods.Overlay.Deployments.Single(deployment => deployment.Metadata.Name == service).Spec.Template.Spec.Containers[0];
        return new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }.Select(probe => probe.HttpGet.Path).Distinct();
    }

    /// <summary>The paths that a service describes. Made once for both overlays: it is the same program, and takes it most of a second.</summary>
    private async Task<IReadOnlyList<string>> PathsAsync(string service)
    {
        if (!Described.TryGetValue(service, out var paths))
        {
            await pods.WaitAsync(service, "/openapi/v1.json", Cancellation);
            paths = Described[service] = Routes.Read(await pods.Client.GetStringAsync(new Uri(pods.Services[service].Address, "/openapi/v1.json"), Cancellation));
        }

        return paths;
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(pods.Services[Apps.Gateway].Address, path)) { Headers = { { "X-Api-Key", pods.Secret("queue-gateway-keys", "viewer") } } };
        using var answer = await pods.Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
