using System.Net;
using StackExchange.Redis;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Tests.Resources;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Redis;

public sealed class RedisSettingsTests(RedisServer redis) : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_settings_arrive_in_the_clients_options()
    {
        var options = Settings("""
            - { name: redisHost, value: "redis.example:6380" }
            - { name: redisUsername, value: worker }
            - { name: redisPassword, value: s3cret }
            - { name: redisDB, value: "3" }
            - { name: enableTLS, value: "true" }
            - { name: dialTimeout, value: 7s }
            - { name: readTimeout, value: "1500" }
            """).ToOptions();

        Assert.Equal([new DnsEndPoint("redis.example", 6380)], options.EndPoints);
        Assert.Equal(("worker", "s3cret", 3, true), (options.User, options.Password, options.DefaultDatabase, options.Ssl));
        Assert.Equal((7000, 1500), (options.ConnectTimeout, options.AsyncTimeout));
    }

    [Theory]
    [InlineData("redis", "", "redis:6379")]
    [InlineData("redis", "6380", "redis:6380")]
    [InlineData("redis:6380", "6380", "redis:6380")]
    [InlineData("[::1]:6380", "", "::1:6380")]
    [InlineData("::1", "", "::1:6379")]
    public void Host_and_port_go_together(string host, string port, string endPoint) =>
        Assert.Equal(endPoint, Settings($"- {{ name: redisHost, value: \"{host}\" }}\n- {{ name: redisPort, value: \"{port}\" }}").ToString());

    [Fact]
    public void A_cluster_and_Sentinel_have_several_hosts()
    {
        Assert.Equal("a:6379,b:6380", Settings("- { name: redisHost, value: \"a, b:6380\" }\n- { name: redisType, value: cluster }").ToString());
        var sentinel = Settings("- { name: redisHost, value: \"a:26379,b:26379\" }\n- { name: failover, value: true }\n- { name: sentinelMasterName, value: main }");
        Assert.Equal("main", sentinel.ToOptions().ServiceName);
    }

    [Theory]
    [InlineData("- { name: redisDB, value: 1 }", "jobs.yaml:1: redisHost of component 'jobs' is missing; it is required.")]
    [InlineData("- { name: redisHost, value: \"a:0\" }", "jobs.yaml:9: redisHost of component 'jobs' is 'a:0'; it must be host or host:port with a port between 1 and 65535.")]
    [InlineData("- { name: redisHost, value: \"a,b\" }", "jobs.yaml:9: redisHost of component 'jobs' is 'a,b'; it must be one host, or redisType cluster or failover must be set.")]
    [InlineData("- { name: redisHost, value: \"a:1\" }\n- { name: redisPort, value: 2 }", "jobs.yaml:10: redisPort of component 'jobs' is '2'; it must be left out, or 1, the port that redisHost has.")]
    [InlineData("- { name: redisHost, value: a }\n- { name: redisDB, value: -1 }", "jobs.yaml:10: redisDB of component 'jobs' is '-1'; it must be an integer of at least 0.")]
    [InlineData("- { name: redisHost, value: a }\n- { name: redisType, value: cluster }\n- { name: redisDB, value: 1 }", "jobs.yaml:11: redisDB of component 'jobs' is '1'; it must be 0 on a cluster, which has no other database.")]
    [InlineData("- { name: redisHost, value: a }\n- { name: failover, value: true }", "jobs.yaml:1: sentinelMasterName of component 'jobs' is missing; it is required.")]
    [InlineData("- { name: redisHost, value: a }\n- { name: clientCert, value: x }", "jobs.yaml:10: clientCert of component 'jobs' is 'x'; it must be set together with clientKey.")]
    [InlineData("- { name: redisHost, value: a }\n- { name: useEntraID, value: true }", "jobs.yaml:10: useEntraID of component 'jobs' is not served by the local sidecar; run the app under daprd.")]
    public void A_wrong_setting_is_told(string metadata, string problem) =>
        Assert.Equal(problem, _folder.Short(Assert.Throws<ResourceException>(() => Settings(metadata)).Message));

    [Fact]
    public async Task A_Redis_that_does_not_answer_is_told_with_its_address()
    {
        var component = _folder.WithComponent("- { name: redisHost, value: \"127.0.0.1:1\" }\n- { name: dialTimeout, value: 200ms }").LoadOne();
        var exception = await Assert.ThrowsAsync<ResourceException>(() => RedisConnectionSettings.Of(component).ConnectAsync(component));
        Assert.Equal(
            "jobs.yaml:9: Redis at 127.0.0.1:1 of component 'jobs' does not answer; is it running, and are redisHost and enableTLS right?",
            _folder.Short(exception.Message));
    }

    [Fact]
    public async Task The_settings_connect_to_the_database()
    {
        var database = redis.NewDatabase();
        var component = _folder.WithComponent($"- {{ name: redisHost, value: \"{redis.EndPoint}\" }}\n- {{ name: redisDB, value: {database} }}").LoadOne();
        await using var connection = await RedisConnectionSettings.Of(component).ConnectAsync(component);
        Assert.Equal(database, connection.GetDatabase().Database);
        Assert.True(await connection.GetDatabase().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public void The_settings_of_streams_have_Daprs_defaults()
    {
        var settings = RedisPubSubSettings.Of(_folder.WithComponent("- { name: redisHost, value: a }").LoadOne(), "app");
        Assert.Equal(
            new RedisPubSubSettings
            {
                ConsumerId = "app",
                Concurrency = 10,
                QueueDepth = 100,
                ProcessingTimeout = TimeSpan.FromSeconds(60),
                RedeliverInterval = TimeSpan.FromSeconds(15),
                MaxLenApprox = 0,
                StreamTtl = TimeSpan.Zero,
            },
            settings);
    }

    [Fact]
    public void The_settings_of_streams_are_read()
    {
        var settings = RedisPubSubSettings.Of(
            _folder.WithVariable("NAMESPACE", "prod").WithComponent("""
                - { name: consumerID, value: "{namespace}" }
                - { name: concurrency, value: 200 }
                - { name: queueDepth, value: 20 }
                - { name: processingTimeout, value: 90s }
                - { name: redeliverInterval, value: 5000 }
                - { name: maxLenApprox, value: 1000 }
                """).LoadOne(),
            "message-delivery");
        Assert.Equal(
            new RedisPubSubSettings
            {
                ConsumerId = "prod.message-delivery",
                TopicPrefix = "prod",
                Concurrency = 200,
                QueueDepth = 20,
                ProcessingTimeout = TimeSpan.FromSeconds(90),
                RedeliverInterval = TimeSpan.FromSeconds(5),
                MaxLenApprox = 1000,
            },
            settings);
    }

    [Theory]
    [InlineData("- { name: concurrency, value: 0 }", "jobs.yaml:9: concurrency of component 'jobs' is '0'; it must be an integer of at least 1.")]
    [InlineData("- { name: processingTimeout, value: -1s }", "jobs.yaml:9: processingTimeout of component 'jobs' is '-1s'; it must be zero or more.")]
    [InlineData("- { name: maxLenApprox, value: 1 }\n- { name: streamTTL, value: 1h }", "jobs.yaml:10: streamTTL of component 'jobs' is '1h'; it must be left out where maxLenApprox is set: a stream is cut by one of them.")]
    public void A_wrong_setting_of_streams_is_told(string metadata, string problem)
    {
        var component = _folder.WithComponent(metadata).LoadOne();
        Assert.Equal(problem, _folder.Short(Assert.Throws<ResourceException>(() => RedisPubSubSettings.Of(component, "app")).Message));
    }

    private RedisConnectionSettings Settings(string metadata) => RedisConnectionSettings.Of(_folder.WithComponent(metadata).LoadOne());
}
