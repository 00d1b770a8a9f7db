using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>The one place that chooses where jobs are kept.</summary>
public sealed class JobStoreSetupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("redis")]
    public void Redis_is_chosen_where_nothing_else_is_said(string? kind)
    {
        var services = Service("Production", kind).AddJobStore().Services;

        Assert.Contains(services, service => service.ServiceType == typeof(IConnectionMultiplexer));
        Assert.Single(services, service => service.ServiceType == typeof(IJobStore));
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("memory")]
    public async Task Memory_is_chosen_by_its_setting__and_no_Redis_is_asked(string kind)
    {
        var builder = Service("Development", kind);
        builder.AddJobStore();
        await using var provider = builder.Services.BuildServiceProvider();

        Assert.IsType<InMemoryJobStore>(provider.GetRequiredService<IJobStore>());
        Assert.Same(provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<IJobReader>());
        Assert.Null(provider.GetService<IConnectionMultiplexer>());
        Assert.Empty(await provider.GetRequiredService<ILaneInspector>().GetOldestEventsAsync(JobQueues.MessageDelivery, Cancel));
        Assert.Equal(AddOutcome.Added, (await provider.GetRequiredService<IJobRuns>().AddAsync(
            JobQueues.MessageDelivery, [new NewJob { JobId = "a", Type = "x", Data = "{}"u8.ToArray() }], Cancel))[0].Outcome);
    }

    [Fact]
    public async Task Several_services_share_the_store_that_they_are_given()
    {
        var store = new InMemoryJobStore(JobQueues.DefaultOptions);
        foreach (var environment in (string[])["Production", "Development"])
        {
            var builder = Service(environment, null).UseJobsInMemory(store);
            builder.AddJobStore();
            await using var provider = builder.Services.BuildServiceProvider();

            Assert.Same(store, provider.GetRequiredService<IJobStore>());
        }
    }

    [Theory]
    [InlineData("Production", "Memory", "JobStore:Kind is Memory, which forgets every job with the process and shares it with no other service; that is for Development, and the environment is Production. Leave it out, or set it to Redis.")]
    [InlineData("Development", "Garnet", "JobStore:Kind is 'Garnet'; it must be one of Redis, Memory.")]
    public void A_choice_that_loses_jobs_or_is_none__is_refused_at_start(string environment, string kind, string problem) =>
        Assert.Equal([problem], Assert.Throws<OptionsValidationException>(() => Service(environment, kind).AddJobStore()).Failures);

    [Fact]
    public void A_misspelled_setting_is_refused_at_start()
    {
        var builder = Service("Development", null);
        builder.Configuration["JobStore:Kindd"] = "Memory";

        Assert.Equal(["JobStore:Kindd is no setting; JobStore:Kind is."], Assert.Throws<OptionsValidationException>(() => builder.AddJobStore()).Failures);
    }

    [Fact]
    public void A_store_put_in_beside_the_setting__is_refused_at_start()
    {
        var builder = Service("Development", null);
        builder.Services.AddSingleton<IJobStore>(new InMemoryJobStore(JobQueues.DefaultOptions));

        Assert.Contains("JobStore:Kind is Redis", Assert.Throws<InvalidOperationException>(() => builder.AddJobStore()).Message, StringComparison.Ordinal);
    }

    private static HostApplicationBuilder Service(string environment, string? kind)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Configuration["JobStore:Kind"] = kind;
        return builder;
    }
}
