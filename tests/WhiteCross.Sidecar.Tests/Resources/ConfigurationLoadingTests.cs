using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

public sealed class ConfigurationLoadingTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_file_nothing_is_traced_or_restricted_even_when_one_lies_in_the_folder()
    {
        var configuration = _folder.With("config.yaml", Configuration("tracing: { samplingRate: \"1\" }")).Load().Configuration;
        Assert.False(configuration.Tracing.IsOn);
        Assert.True(configuration.AllowsSecret("any", "thing"));
    }

    [Fact]
    public void Tracing_secrets_features_and_workflow_limits_are_read_and_variables_replaced()
    {
        _folder.WithVariable("ZIPKIN", "zipkin.example").With("config.yaml", Configuration("""
            tracing:
                samplingRate: "0.5"
                stdout: true
                zipkin: { endpointAddress: "http://${ZIPKIN}:9411/api/v2/spans" }
                otel: { endpointAddress: "$ZIPKIN:4317", isSecure: false, protocol: http }
              features: [ { name: HotReload, enabled: true } ]
              secrets:
                scopes: [ { storeName: a, defaultAccess: deny, allowedSecrets: [ one ] }, { storeName: b, deniedSecrets: [ two ] } ]
              workflow: { maxConcurrentWorkflowInvocations: 5, maxConcurrentActivityInvocations: 7 }
            """));

        var configuration = _folder.Load(configFile: "config.yaml").Configuration;
        Assert.Equal(0.5, configuration.Tracing.SamplingRate);
        Assert.True(configuration.Tracing.Stdout);
        Assert.Equal(new Uri("http://zipkin.example:9411/api/v2/spans"), configuration.Tracing.ZipkinEndpoint);
        Assert.Equal(("zipkin.example:4317", false, "http"), (configuration.Tracing.OtelEndpoint, configuration.Tracing.OtelIsSecure, configuration.Tracing.OtelProtocol));
        Assert.True(configuration.Features["HotReload"]);
        Assert.Equal((5, 7), (configuration.MaxConcurrentWorkflowInvocations, configuration.MaxConcurrentActivityInvocations));
        Assert.Equal(
            (true, false, true, false),
            (configuration.AllowsSecret("a", "one"), configuration.AllowsSecret("a", "x"), configuration.AllowsSecret("b", "one"), configuration.AllowsSecret("b", "two")));
    }

    [Fact]
    public void Allowed_apis_close_the_others_of_their_protocol_and_denied_ones_are_closed_in_any_case()
    {
        _folder.With("config.yaml", Configuration("""
            api:
                allowed: [ { name: publish, version: v1.0, protocol: http }, { name: state, version: v1.0, protocol: http } ]
                denied: [ { name: state, version: v1.0, protocol: http }, { name: secrets, version: v1, protocol: grpc } ]
            """));

        var apis = _folder.Load(configFile: "config.yaml").Configuration.Apis;
        Assert.True(apis.AllowsHttp("/v1.0/publish/jobs/topic"));
        Assert.All(["/v1.0-alpha1/publish/bulk/jobs/topic", "/v1.0/state/store/key", "/v1.0/healthz", "/v1.0/invoke/app/method/x", "/of/an/app", "/"], path => Assert.False(apis.AllowsHttp(path)));
        Assert.True(apis.AllowsGrpc("PublishEvent"));
        Assert.False(apis.AllowsGrpc("GetBulkSecret"));
    }

    [Theory]
    [InlineData("api: { allowed: [ { name: publish, version: v1.0 } ] }", "config.yaml:5: spec.api.allowed[0].protocol is missing; it is required.")]
    [InlineData("api: { denied: [ { name: publish, version: v1.0, protocol: tcp } ] }", "config.yaml:5: spec.api.denied[0].protocol is 'tcp'; it must be http or grpc.")]
    [InlineData("tracing: { samplingRate: \"2\" }", "config.yaml:5: spec.tracing.samplingRate is '2'; it must be a number from 0 (off) to 1 (everything).")]
    [InlineData("tracing: { zipkin: { endpointAddress: \"zipkin:9411\" } }", "config.yaml:5: spec.tracing.zipkin.endpointAddress is 'zipkin:9411'; it must be an address such as http://localhost:9411/api/v2/spans.")]
    [InlineData("tracing: { otel: { protocol: udp } }", "config.yaml:5: spec.tracing.otel.protocol is 'udp'; it must be grpc or http.")]
    [InlineData("secrets: { scopes: [ { storeName: a, defaultAccess: maybe } ] }", "config.yaml:5: spec.secrets.scopes[0].defaultAccess is 'maybe'; it must be allow or deny.")]
    [InlineData("httpPipeline: { handlers: [ { name: a, type: b } ] }", "config.yaml:5: spec.httpPipeline asks for middleware for requests to the sidecar, which the local sidecar does not serve; take it out, or run the app under daprd.")]
    [InlineData("accessControl: { defaultAction: deny }", "config.yaml:5: spec.accessControl asks for access control, which needs mTLS, which the local sidecar does not serve; take it out, or run the app under daprd.")]
    [InlineData("nameResolution: { component: consul }", "config.yaml:5: spec.nameResolution.component is 'consul'; the local sidecar serves sqlite and mdns. Take one of them, or run the app under daprd.")]
    [InlineData("nameResolution: { component: sqlite }", "config.yaml:5: spec.nameResolution.configuration is missing; it is required.")]
    [InlineData("nameResolution: { component: sqlite, configuration: { tableName: a } }", "config.yaml:5: spec.nameResolution.configuration.connectionString is missing; it is required.")]
    [InlineData("nameResolution: { component: sqlite, configuration: { connectionString: \":memory:\" } }", "config.yaml:5: spec.nameResolution.configuration.connectionString names a database in memory, which no other sidecar can see; it must be a file.")]
    [InlineData("nameResolution: { component: sqlite, configuration: { connectionString: a.db, tableName: \"a b\" } }", "config.yaml:5: spec.nameResolution.configuration.tableName is 'a b'; it must be of letters, digits and underscores.")]
    [InlineData("nameResolution: { component: sqlite, configuration: { connectionString: a.db, updateInterval: 1500ms } }", "config.yaml:5: spec.nameResolution.configuration.updateInterval must be at least 1s more than timeout.")]
    public void What_is_wrong_or_not_served_is_told(string lines, string problem) =>
        Assert.Equal(problem, Assert.Single(_folder.With("config.yaml", Configuration(lines)).Problems(configFile: "config.yaml")));

    [Fact]
    public void Name_resolution_is_read_as_Dapr_does()
    {
        Assert.Null(_folder.With("config.yaml", Configuration("nameResolution: { component: mdns }")).Load(configFile: "config.yaml").Configuration.NameResolution);
        _folder.With("config.yaml", Configuration("nameResolution: { component: sqlite, version: v1, configuration: { connectionString: a.db, tableName: apps, updateInterval: 4500ms, timeout: 2 } }"));
        Assert.Equal(
            new NameResolutionConfiguration("a.db") { TableName = "apps", UpdateInterval = TimeSpan.FromSeconds(4), Timeout = TimeSpan.FromSeconds(2) },
            _folder.Load(configFile: "config.yaml").Configuration.NameResolution);
    }

    [Fact]
    public void Another_kind_is_not_a_configuration()
    {
        _folder.WithComponent("- { name: redisHost, value: a }");
        Assert.Equal("jobs.yaml:2: kind of the configuration file must be Configuration.", Assert.Single(_folder.Problems(configFile: "jobs.yaml")));
    }

    private static string Configuration(string lines) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {{ name: config }}\nspec:\n  {lines}\n";
}
