using WhiteCross.Sidecar.Loading;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

/// <summary>The repository's own <c>components/</c>, as each app's sidecar loads them.</summary>
public sealed class RepositoryComponentsTests
{
    private const string Gateway = "queue-gateway";

    private static readonly string[] Lanes = ["jobs", "jobs-critical", "jobs-high", "jobs-low"];

    private static readonly string Folder = FindFolder();

    // As the lanes name them; that these are all, and no others, the tests of the deployment know.
    public static TheoryData<string> Apps => [.. Load(Gateway).Components.Single(component => component.Name == "jobs").Header.Scopes];

    private static IEnumerable<string> Queues => Apps.Select(app => app.Data).Where(app => app != Gateway);

    [Theory]
    [MemberData(nameof(Apps))]
    public void Every_app_loads_them_without_a_warning(string app)
    {
        var resources = Load(app);
        Assert.Empty(resources.Warnings);
        Assert.Equal(Lanes, resources.Components.Where(component => component.Kind == ComponentKind.Pubsub).Select(component => component.Name).Order(StringComparer.OrdinalIgnoreCase));
        Assert.True(resources.Configuration.Tracing is { IsOn: true, ZipkinEndpoint: not null });
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void All_lanes_have_the_same_settings_on_the_queues_database(string app)
    {
        foreach (var lane in Load(app).Components.Where(component => component.Kind == ComponentKind.Pubsub))
        {
            var connection = RedisConnectionSettings.Of(lane);
            Assert.Equal(("redis.example:6380", 1, "worker", "s3cret", true), (connection.ToString(), connection.Database, connection.Username, connection.Password, connection.Tls));

            var settings = RedisPubSubSettings.Of(lane, app);
            Assert.Equal(app, settings.ConsumerId);
            // Above every queue's concurrency (15), or a gate has nothing to choose from.
            Assert.InRange(settings.Concurrency, 16, 300);
            Assert.InRange(settings.QueueDepth, 1, 16);
            Assert.Equal(TimeSpan.FromSeconds(60), settings.ProcessingTimeout);
            Assert.Equal(TimeSpan.FromSeconds(5), settings.RedeliverInterval);
            // Streams are trimmed by knowledge, never by length or age.
            Assert.Equal((0, TimeSpan.Zero), (settings.MaxLenApprox, settings.StreamTtl));
        }
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void Deliveries_are_retried_exponentially_and_no_breaker_or_timeout_cuts_them_off(string app)
    {
        var resources = Load(app);
        var own = resources.Resiliency.SingleOrDefault(resource => resource.Header.Scopes.SequenceEqual([app]))
            ?? throw new InvalidOperationException($"components/ has no Resiliency for {app} alone: it belongs into resiliency-{app}.yaml.");
        var provider = new ResiliencyProvider(resources.Resiliency, TimeProvider.System);
        foreach (var lane in Lanes)
        {
            var inbound = own.Components[lane].Inbound!;
            Assert.Equal((null, null), (inbound.Timeout, inbound.CircuitBreaker));
            var retry = own.Retries[inbound.Retry!];
            Assert.True(retry.Exponential);
            // A service's series is over before the event is claimed again, so that none runs beside it; the gateway's is not, so that nothing is lost.
            var (shortest, longest) = TotalPause(retry);
            Assert.True(app == Gateway ? shortest > TimeSpan.FromSeconds(60) : longest < TimeSpan.FromSeconds(60), $"{shortest} to {longest}");

            Assert.True(provider.ForComponentInbound(lane).Retries);
            Assert.Null(provider.ForComponentInbound(lane).CircuitBreaker);
            Assert.True(provider.ForComponentOutbound(lane, ComponentKind.Pubsub).Retries);
        }
    }

    [Fact]
    public void Calls_to_the_state_store_and_to_apps_have_retry_timeout_and_breaker()
    {
        var resources = Load("message-delivery");
        var provider = new ResiliencyProvider(resources.Resiliency, TimeProvider.System);
        Assert.NotNull(provider.ForComponentOutbound("statestore", ComponentKind.Statestore).CircuitBreaker);
        Assert.True(provider.ForComponentOutbound("statestore", ComponentKind.Statestore).Retries);
        var shared = Assert.Single(resources.Resiliency, resource => resource.Header.Scopes.Count == 0);
        Assert.All(shared.Apps, app => Assert.All([app.Value.Policies.Timeout, app.Value.Policies.Retry, app.Value.Policies.CircuitBreaker], Assert.NotNull));
        Assert.Empty(shared.Apps.Keys.Except(Queues));
    }

    [Theory]
    [InlineData("message-encryption", 1)]
    [InlineData("batch-message-sending", 1)]
    [InlineData("message-delivery", 0)]
    [InlineData(Gateway, 0)]
    public void State_and_workflows_are_for_the_apps_that_need_them(string app, int count)
    {
        var stores = Load(app).Components.Where(component => component.Kind == ComponentKind.Statestore).ToList();
        Assert.Equal(count, stores.Count);
        Assert.All(stores, state => Assert.Equal(("statestore", true), (state.Name, state.Metadata.Flag("actorStateStore"))));
    }

    [Fact]
    public void Secrets_are_for_the_apps_that_need_them_and_only_those_with_the_prefix()
    {
        Assert.Empty(Load("message-delivery").SecretStores);
        var store = Assert.Single(Load("message-encryption").SecretStores).Value;
        Assert.Equal(["KEY"], store.GetAll().Keys);
        Assert.Equal("k", store.Get("KEY")!["KEY"]);
        Assert.Equal(string.Empty, store.Get("REDIS_PASSWORD")!["REDIS_PASSWORD"]);
    }

    [Fact]
    public void An_app_that_is_in_no_scope_loads_no_component() => Assert.Empty(Load("stranger").Components);

    [Fact]
    public void Without_a_host_the_missing_variable_is_named()
    {
        var resources = ResourceLoader.Load([Folder], null, Gateway, new ResourceEnvironment { Variable = _ => null });
        var exception = Assert.Throws<ResourceException>(() => RedisConnectionSettings.Of(resources.Components.First(component => component.Name == "jobs")));
        Assert.EndsWith("redisHost of component 'jobs' is empty: the environment variable REDIS_HOST is not set.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_holds_one_resource_and_no_password()
    {
        Assert.All(Directory.GetFiles(Folder, "*.yaml"), file =>
        {
            var lines = File.ReadAllLines(file);
            Assert.Single(lines, line => line.StartsWith("kind:", StringComparison.Ordinal));
            Assert.All(
                lines.Zip(lines.Skip(1)).Where(pair => pair.First.Contains("assword", StringComparison.Ordinal) && pair.First.Contains("name:", StringComparison.Ordinal)),
                pair => Assert.Contains("envRef:", pair.Second, StringComparison.Ordinal));
        });
    }

    private static (TimeSpan Shortest, TimeSpan Longest) TotalPause(RetryPolicy retry)
    {
        var (total, interval) = (TimeSpan.Zero, retry.InitialInterval);
        for (var count = 0; count < retry.MaxRetries; count++)
        {
            total += interval;
            interval = interval * 1.5 < retry.MaxInterval ? interval * 1.5 : retry.MaxInterval;
        }

        return (total * 0.5, total * 1.5);
    }

    private static LoadedResources Load(string app)
    {
        var variables = new Dictionary<string, string>
        {
            // Twice, as docs/deploy.md has it: Dapr before 1.18 knows no redisPort.
            ["REDIS_HOST"] = "redis.example:6380",
            ["REDIS_PORT"] = "6380",
            ["REDIS_USERNAME"] = "worker",
            ["REDIS_PASSWORD"] = "s3cret",
            ["REDIS_TLS"] = "true",
            ["SECRET_KEY"] = "k",
        };
        return ResourceLoader.Load(
            [Folder],
            Path.Combine(Folder, "config.yaml"),
            app,
            new ResourceEnvironment { Variable = name => variables.GetValueOrDefault(name), Variables = () => variables });
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WhiteCross.Dapr.sln")))
            {
                return Path.Combine(folder.FullName, "components");
            }
        }

        throw new InvalidOperationException("The tests run outside the repository: there is no WhiteCross.Dapr.sln above them.");
    }
}
