using WhiteCross.Deploy.Tests.Schemas;

namespace WhiteCross.Deploy.Tests;

/// <summary>Every YAML file of the repository has a schema, and keeps to it.</summary>
public sealed class YamlFilesTests
{
    public static TheoryData<string> Files => [.. Repository.YamlFiles()];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_keeps_to_its_schema(string file)
    {
        var read = YamlFile.Read(file);
        Assert.Empty(read.Problems);
        Assert.NotEmpty(read.Documents);
    }

    [Theory]
    [InlineData("dapr.yaml", "  appPort: 5081", "  appPort: \"5081\"", "apps[1].appPort is '5081'; it must be an integer from 1 to 65535, without quotes.")]
    [InlineData("dapr.yaml", "enableAppHealthCheck:", "enableAppHealthChecks:", "common.enableAppHealthChecks is not known")]
    [InlineData("tye.yaml", "http-port: 3501", "http-prot: 3501", "extensions[0].services.message-delivery.http-prot is not known")]
    [InlineData("components/jobs.yaml", "envRef: REDIS_HOST", "envref: REDIS_HOST", "components/jobs.yaml:14: spec.metadata[0].envref is not known")]
    [InlineData("components/jobs.yaml", "version: v1\n", "version: v2\n", "spec.version is 'v2'; it must be v1.")]
    [InlineData("components/jobs.yaml", "envRef: REDIS_PASSWORD", "envRef: DAPR_API_TOKEN", "it must be a variable that Dapr hands out.")]
    [InlineData("components/jobs.yaml", "kind: Component", "kind: Compnent", "no schema is known for it")]
    [InlineData("components/config.yaml", "name: publish, version: v1.0, protocol: http", "name: publsh, version: v1.0, protocol: http", "spec.api.allowed[0].name is 'publsh'")]
    [InlineData("components/config.yaml", "samplingRate: \"1\"", "samplingRate: 1", "spec.tracing.samplingRate is 1 without quotes; it must be a text.")]
    [InlineData("components/resiliency.yaml", "maxRetries: 3", "maxRetry: 3", "is not known; known are policy, duration, maxInterval, maxRetries, matching.")]
    [InlineData("components/resiliency.yaml", "state: 5s", "state: 5", "spec.policies.timeouts.state is '5'; it must be a duration")]
    [InlineData("deploy/kubernetes/base/service.yaml", "readinessProbe:", "readynessProbe:", "readynessProbe")]
    [InlineData("deploy/kubernetes/base/service.yaml", "periodSeconds: 10", "periodSeconds: ten", "deploy/kubernetes/base/service.yaml:")]
    [InlineData("deploy/kubernetes/base/autoscaling.yaml", "lagCount: \"50\"", "lag: \"50\"", "spec.triggers[0].metadata has no lagCount; it is required.")]
    [InlineData("deploy/kubernetes/base/kustomization.yaml", "patches:", "patchs:", "patchs is not known")]
    [InlineData("deploy/kubernetes/base/ingress.yaml", "kind: Ingress", "kind: Ingres", "deploy/kubernetes/base/ingress.yaml:2: ")]
    [InlineData(".github/workflows/ci.yml", "runs-on:", "run-on:", "run-on is not known")]
    [InlineData("components/state.yaml", "kind: Component", "kind: Component\nkind: Component", "components/state.yaml:")]
    public void A_wrong_key_or_value_is_told_with_file_and_line(string file, string right, string wrong, string problem)
    {
        var text = Repository.Read(file);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var at = text.IndexOf(right, StringComparison.Ordinal);
        var problems = YamlFile.Parse(text[..at] + wrong + text[(at + right.Length)..], file).Problems;
        Assert.Contains(problems, told => told.StartsWith(file + ":", StringComparison.Ordinal) && told.Contains(problem, StringComparison.Ordinal));
    }
}
