using k8s;
using k8s.Models;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>What deploy/kubernetes/secrets.sh prints.</summary>
internal static class Secrets
{
    public static async Task<IReadOnlyList<V1Secret>> MakeAsync(CancellationToken cancellationToken) =>
        [.. KubernetesYaml.LoadAllFromString(await Shell.RunAsync("bash", ["deploy/kubernetes/secrets.sh"], cancellationToken), strict: true).Cast<V1Secret>()];

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> KeysOf(IEnumerable<V1Secret> secrets) =>
        secrets.ToDictionary(secret => secret.Name(), secret => (IReadOnlyList<string>)[.. secret.StringData.Keys]);
}
