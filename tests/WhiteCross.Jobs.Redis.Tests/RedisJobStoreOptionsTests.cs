using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

public sealed class RedisJobStoreOptionsTests(JobStoreRedis redis)
{
    [Fact]
    public void Without_settings_it_is_the_local_Redis_and_database_1()
    {
        var options = RedisJobStoreOptions.From(Settings());
        Assert.Equal(("localhost", 6379, 1, false), (options.Host, options.Port, options.Database, options.Tls));
        Assert.Equal((null, null), (options.Username, options.Password));
    }

    [Fact]
    public void All_settings_reach_the_client()
    {
        var client = RedisJobStoreOptions.From(Settings(
            ("REDIS_HOST", "redis.internal"), ("REDIS_PORT", "6380"), ("REDIS_USERNAME", "jobs"), ("REDIS_PASSWORD", "secret"), ("REDIS_TLS", "true"),
            ("REDIS_QUEUE_DB", "7"))).ToConfigurationOptions();
        Assert.Equal(new DnsEndPoint("redis.internal", 6380), Assert.Single(client.EndPoints));
        Assert.Equal(("jobs", "secret", true, 7, false), (client.User, client.Password, client.Ssl, client.DefaultDatabase, client.AbortOnConnectFail));
    }

    [Theory]
    [InlineData("redis.internal:6380", null)]
    [InlineData("redis.internal:6380", "6380")]
    [InlineData("redis.internal", "6380")]
    public void The_port_may_stand_with_the_host_as_Dapr_has_it(string host, string? port)
    {
        (string, string)[] settings = port is null ? [("REDIS_HOST", host)] : [("REDIS_HOST", host), ("REDIS_PORT", port)];
        Assert.Equal(new DnsEndPoint("redis.internal", 6380), Assert.Single(RedisJobStoreOptions.From(Settings(settings)).ToConfigurationOptions().EndPoints));
    }

    [Theory]
    [InlineData("redis.internal:6380", "6379", "different ports")]
    [InlineData("a:6379,b:6379", "6379", "several only with")]
    [InlineData("redis.internal:0", "6379", "REDIS_HOST must be")]
    public void A_host_that_Dapr_would_take_for_another_one_is_refused(string host, string port, string problem) =>
        Assert.Contains(problem, Assert.Throws<OptionsValidationException>(() => RedisJobStoreOptions.From(Settings(("REDIS_HOST", host), ("REDIS_PORT", port)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once_without_its_value()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddRedisJobStore(Settings(
            ("REDIS_HOST", "redis internal"), ("REDIS_PORT", "70000"), ("REDIS_USERNAME", "nurse-ann"), ("REDIS_TLS", "maybe"), ("REDIS_QUEUE_DB", "-1"))));
        Assert.Equal(5, exception.Failures.Count());
        foreach (var name in (string[])["REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_TLS", "REDIS_QUEUE_DB"])
        {
            Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("nurse-ann", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("70000", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_gets_the_store_and_the_lanes_with_the_options_of_its_queues()
    {
        var configuration = Settings(
            ("REDIS_HOST", redis.Server.Host), ("REDIS_PORT", $"{redis.Server.Port}"), ("Queues:message-delivery:KeepCompleted", "1"), ("REDIS_QUEUE_DB", "3"));
        await using var provider = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddRedisJobStore(configuration).BuildServiceProvider();
        var store = provider.GetRequiredService<IJobStore>();
        var cancel = TestContext.Current.CancellationToken;

        string[] ids = [RedisServer.NewName("a"), RedisServer.NewName("b")];
        foreach (var id in ids)
        {
            var job = new NewJob { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() };
            var run = (await store.BeginAsync(JobQueues.MessageDelivery, [new BeginRequest(id, job)], cancel))[0].Run!;
            Assert.Equal([LeaseState.Held], await store.FinishAsync(JobQueues.MessageDelivery, [new RunEnd(run.Key, RunEndKind.Completed)], cancel));
        }

        Assert.Null(await store.GetAsync(JobQueues.MessageDelivery, ids[0], cancel));
        Assert.NotNull(await store.GetAsync(JobQueues.MessageDelivery, ids[1], cancel));
        Assert.Equal(4, (await provider.GetRequiredService<ILaneInspector>().GetOldestEventsAsync(JobQueues.MessageDelivery, cancel)).Count);
    }

    private static IConfigurationRoot Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
}
