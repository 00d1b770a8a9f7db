using WhiteCross.Sidecar.Loading;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

public sealed class ComponentLoadingTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_component_has_its_name_type_settings_and_place()
    {
        var component = _folder.WithComponent("- { name: redisHost, value: \"redis:6379\" }\n- { name: concurrency, value: 20 }\n- { name: enableTLS, value: true }").LoadOne();

        Assert.Equal(("jobs", "pubsub.redis", ComponentKind.Pubsub), (component.Name, component.Type, component.Kind));
        Assert.Equal("redis:6379", component.Metadata.Text("redisHost"));
        Assert.Equal(20, component.Metadata.WholeNumber("CONCURRENCY", 10));
        Assert.True(component.Metadata.Flag("enableTls"));
        Assert.Equal(TimeSpan.FromSeconds(5), component.InitTimeout);
        Assert.Equal("jobs.yaml:10", _folder.Short(component.Metadata.PositionOf("concurrency").ToString()));
    }

    [Fact]
    public void Several_documents_of_a_file_are_all_read_and_other_files_and_folders_are_not()
    {
        _folder.With("a.yaml", Component("one") + "---\n" + Component("two") + "---\n").With("b.yml", Component("three")).With("notes.txt", "kind: Nonsense");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "sub"));
        File.WriteAllText(Path.Combine(_folder.Path, "sub", "c.yaml"), "kind: Nonsense");

        Assert.Equal(["one", "two", "three"], _folder.Load().Components.Select(component => component.Name));
    }

    [Fact]
    public void Scopes_decide_which_app_loads_it_and_what_others_load_is_not_looked_at()
    {
        _folder.With("a.yaml", Component("one") + "scopes: [ message-delivery, queue-gateway ]\n").With("b.yaml", Component("two", "bindings.smtp") + "scopes: [ other ]\n");

        Assert.Equal("one", _folder.LoadOne("queue-gateway").Name);
        Assert.Empty(_folder.Load("message-indexing").Components);
        Assert.Contains("bindings.smtp", Assert.Single(_folder.Problems("other")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_components_of_one_name_are_refused_with_both_places()
    {
        _folder.With("a.yaml", Component("one")).With("b.yaml", Component("one"));
        Assert.Equal(
            "b.yaml:1: there is another component 'one' at a.yaml:1; names must be unique among what an app loads.",
            Assert.Single(_folder.Problems()));
    }

    [Fact]
    public void References_take_values_from_secret_stores_and_from_the_environment()
    {
        _folder
            .With("secrets.json", """{ "redis": { "password": "s3cret" }, "user": "worker" }""")
            .With("z-secrets.yaml", """
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata: { name: secrets }
                spec: { type: secretstores.local.file, version: v1, metadata: [ { name: secretsFile, value: secrets.json } ] }
                """)
            .WithVariable("REDIS_HOST", "redis.example")
            .WithComponent("- { name: redisHost, envRef: REDIS_HOST }\n- { name: redisPassword, secretKeyRef: { name: \"redis:password\", key: \"redis:password\" } }\n- { name: redisUsername, secretKeyRef: { name: user } }")
            .With("jobs.yaml", File.ReadAllText(Path.Combine(_folder.Path, "jobs.yaml")) + "\nauth: { secretStore: secrets }\n");

        var components = _folder.Load().Components;
        Assert.Equal(["secrets", "jobs"], components.Select(component => component.Name));
        var metadata = components[1].Metadata;
        Assert.Equal(("redis.example", "s3cret", "worker"), (metadata.Text("redisHost"), metadata.Text("redisPassword"), metadata.Text("redisUsername")));
        Assert.DoesNotContain("s3cret", components[1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_not_set_is_empty_and_named_where_it_is_needed()
    {
        var component = _folder.WithComponent("- { name: redisHost, envRef: REDIS_HOST }").LoadOne();
        var exception = Assert.Throws<ResourceException>(() => component.Metadata.RequiredText("redisHost"));
        Assert.Equal("jobs.yaml:9: redisHost of component 'jobs' is empty: the environment variable REDIS_HOST is not set.", _folder.Short(exception.Message));
    }

    [Fact]
    public void An_unset_variable_that_daprd_would_refuse_as_a_number_or_a_switch_is_told()
    {
        var component = _folder.WithComponent("- { name: redisUsername, envRef: REDIS_USERNAME }\n- { name: redisPort, envRef: REDIS_PORT }\n- { name: enableTLS, envRef: REDIS_TLS }");
        Assert.Equal(
            [
                "jobs.yaml:10: redisPort of component 'jobs' is empty: the environment variable REDIS_PORT is not set. The local sidecar takes its default; daprd refuses the component.",
                "jobs.yaml:11: enableTLS of component 'jobs' is empty: the environment variable REDIS_TLS is not set. The local sidecar takes its default; daprd refuses the component.",
            ],
            component.Load().Warnings.Select(_folder.Short));
    }

    [Fact]
    public void Templates_are_filled()
    {
        var component = _folder.WithVariable("POD_NAME", "pod-7").WithVariable("NAMESPACE", "prod")
            .WithComponent("- { name: consumerID, value: \"{namespace}\" }\n- { name: clientCert, value: \"{appID}/{podName}\" }\n- { name: clientKey, value: \"{uuid}\" }").LoadOne();

        Assert.Equal("prod.message-delivery", component.Metadata.Text("consumerID"));
        Assert.Equal("message-delivery/pod-7", component.Metadata.Text("clientCert"));
        Assert.True(Guid.TryParse(component.Metadata.Text("clientKey"), out _));
    }

    [Theory]
    [InlineData("- { name: redisDB, value: one }", "jobs.yaml:9: redisDB of component 'jobs' is 'one'; it must be an integer.")]
    [InlineData("- { name: enableTLS, value: maybe }", "jobs.yaml:9: enableTLS of component 'jobs' is 'maybe'; it must be true or false.")]
    [InlineData("- { name: enableTLS, value: \"yes\" }", "jobs.yaml:9: enableTLS of component 'jobs' is 'yes'; it must be true or false.")]
    [InlineData("- { name: processingTimeout, value: 1 minute }", "jobs.yaml:9: processingTimeout of component 'jobs' is '1 minute'; it must be a duration such as 500ms, 2s or 1m30s, or an integer of milliseconds.")]
    [InlineData("- { name: streamTTL, value: 60 }", "jobs.yaml:9: streamTTL of component 'jobs' is '60'; it must be a duration such as 500ms, 2s or 1m30s.")]
    [InlineData("- { name: redisType, value: sentinel }", "jobs.yaml:9: redisType of component 'jobs' is 'sentinel'; it must be node or cluster.")]
    [InlineData("- { name: a, value: 1 }\n- { name: A, value: 2 }", "jobs.yaml:10: spec.metadata[1].name is 'A', which component 'jobs' has set before.")]
    [InlineData("- { value: 1 }", "jobs.yaml:9: spec.metadata[0].name is missing; it is required.")]
    [InlineData("- redisHost", "jobs.yaml:9: spec.metadata[0] must be a mapping, not a single value.")]
    [InlineData("- { name: redisHost, value: [ a ] }", "jobs.yaml:9: spec.metadata[0].value must be a single value, not a sequence.")]
    [InlineData("- { name: redisHost, value: \"{podName}\" }", "jobs.yaml:9: redisHost of component 'jobs' has the template {podName}, but the environment variable POD_NAME is not set.")]
    [InlineData("- { name: redisHost, envRef: DAPR_API_TOKEN }", "jobs.yaml:9: spec.metadata[0].envRef of redisHost is DAPR_API_TOKEN, which Dapr does not hand out; take a variable that does not begin with DAPR_.")]
    [InlineData("- { name: redisPassword, secretKeyRef: { name: redis } }", "jobs.yaml:9: redisPassword refers to the secret 'redis', but the component names no secret store; set auth.secretStore.")]
    public void A_wrong_setting_is_told_with_file_line_name_and_way_out(string metadata, string problem) =>
        Assert.Equal(problem, Assert.Single(_folder.WithComponent(metadata).Problems()));

    [Fact]
    public void All_wrong_settings_are_told_at_once() =>
        Assert.Equal(2, _folder.WithComponent("- { name: redisDB, value: x }\n- { name: concurrency, value: y }").Problems().Count);

    [Fact]
    public void A_wrong_value_that_came_by_a_reference_is_not_shown()
    {
        var problem = Assert.Single(_folder.WithVariable("DB", "hunter2").WithComponent("- { name: redisDB, envRef: DB }").Problems());
        Assert.Equal("jobs.yaml:9: redisDB of component 'jobs' (from the environment variable DB) has a value that cannot be used; it must be an integer.", problem);
    }

    [Fact]
    public void A_missing_secret_and_a_missing_store_are_told()
    {
        var jobs = Component("jobs").TrimEnd() + "\n  metadata: [ { name: redisPassword, secretKeyRef: { name: redis, key: password } } ]\nauth: { secretStore: secrets }\n";
        _folder.With("jobs.yaml", jobs);
        Assert.Equal(
            "jobs.yaml:7: redisPassword refers to the secret 'redis' of the secret store 'secrets', which is not among the components of this app.",
            Assert.Single(_folder.Problems()));

        _folder.With("secrets.json", "{}").With("secrets.yaml", Component("secrets", "secretstores.local.file").TrimEnd() + "\n  metadata: [ { name: secretsFile, value: secrets.json } ]\n");
        Assert.Equal(
            "jobs.yaml:7: redisPassword refers to the key 'password' of the secret 'redis', which the secret store 'secrets' does not have.",
            Assert.Single(_folder.Problems()));
    }

    [Theory]
    [InlineData("- { name: redisHots, value: a }", "jobs.yaml:9: redisHots is not known to pubsub.redis and is ignored.")]
    [InlineData("- { name: redeliverInterval, value: 15s }", "jobs.yaml:9: redeliverInterval is '15s'; Dapr takes only an integer of milliseconds here and keeps its default.")]
    public void What_Dapr_ignores_is_warned_about(string metadata, string warning) =>
        Assert.Equal(warning, Assert.Single(_folder.WithComponent(metadata).Warnings()));

    [Fact]
    public void A_field_that_is_not_known_and_an_unreadable_initTimeout_are_warned_about()
    {
        _folder.With("a.yaml", Component("one").TrimEnd() + "\n  initTimeout: 10\n  retries: 3\nscope: [ x ]\n");
        Assert.Equal(
            [
                "a.yaml:9: scope is not known to Dapr and is ignored; known are apiVersion, kind, metadata, spec, auth, scopes.",
                "a.yaml:8: spec.retries is not known to Dapr and is ignored; known are type, version, initTimeout, ignoreErrors, metadata.",
                "a.yaml:7: spec.initTimeout is '10', which is no duration such as 10s; Dapr takes 5s instead.",
            ],
            _folder.Warnings());
    }

    [Fact]
    public void An_unknown_type_version_or_kind_is_refused_by_name()
    {
        _folder.With("a.yaml", Component("mail", "bindings.smtp")).With("b.yaml", Component("jobs").Replace("version: v1", "version: v2", StringComparison.Ordinal))
            .With("c.yaml", "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: { name: x }\n")
            .With("d.yaml", "apiVersion: dapr.io/v1\nkind: Component\nmetadata: { name: x }\n")
            .With("e.yaml", "kind: Component\n");
        Assert.Equal(
            [
                "c.yaml:2: kind is 'HTTPEndpoint', which the local sidecar does not serve; it serves Component, Configuration, Resiliency, Subscription.",
                "d.yaml:1: apiVersion is 'dapr.io/v1'; for a Component it must be dapr.io/v1alpha1.",
                "e.yaml:1: apiVersion is missing; it is required.",
                "a.yaml:5: component 'mail' has the type 'bindings.smtp', which the local sidecar does not serve; it serves pubsub.redis, "
                    + "secretstores.local.env, secretstores.local.file, state.redis. Run the app under daprd, or take the component out of its scopes.",
                "b.yaml:6: component 'jobs' asks for version 'v2' of pubsub.redis; there is only v1.".Replace(":6:", ":5:", StringComparison.Ordinal),
            ],
            _folder.Problems());
    }

    [Theory]
    [InlineData("a: [1", "this is not YAML")]
    [InlineData("a: 1\na: 2", "a.yaml:2: this is not YAML")]
    [InlineData("- a", "a.yaml:1: the document must be a mapping with apiVersion, kind, metadata and spec.")]
    [InlineData("kind: [ Component ]", "a.yaml:1: kind must be a single value, not a sequence.")]
    public void A_file_that_is_no_resource_is_told(string content, string problem) =>
        Assert.Contains(problem, Assert.Single(_folder.With("a.yaml", content).Problems()), StringComparison.Ordinal);

    [Fact]
    public void A_path_that_is_not_there_is_told()
    {
        var exception = Assert.Throws<ResourceException>(() => ResourceLoader.Load(["/no/such"], "/no/config.yaml", "app"));
        Assert.Equal(["/no/such: there is no such folder or file of resources.", "/no/config.yaml: there is no such configuration file."], exception.Problems);
    }

    private static string Component(string name, string type = "pubsub.redis") =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{ name: {name} }}\nspec:\n  type: {type}\n  version: v1\n";
}
