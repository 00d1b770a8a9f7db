using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>Redis' own clock, by which leases and claims end, may be set too. In memory they end by a clock that nobody can set: see InMemoryClockTests.</summary>
public sealed class RedisClockTests(JobStoreRedis redis) : JobStoreContract(redis)
{
    [Fact]
    public async Task A_clock_that_is_set_back_keeps_no_dead_run_and_no_owed_event_for_longer()
    {
        await Store.AddAsync(Queue, [Job("died"), Job("owed")], Cancel);
        await StartAsync("died");
        await Store.RequestEventsAsync(Queue, [new JobClaim("owed", JobClaim.None)], Cancel);
        await Store.TakeDueAsync(Queue, 10, Cancel);
        await RecoverAsync();

        Time.AdjustTime(Time.GetUtcNow() - TimeSpan.FromHours(1));
        Assert.Equal(0, await RecoverAsync());
        Assert.Equal(0, await AdvanceAndRecoverAsync(Options.Lease - TimeSpan.FromMilliseconds(1)));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await RecoverAsync());
        Assert.Equal(["died", "owed"], (await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs.Select(job => job.JobId).Order());
    }

    [Fact]
    public async Task A_clock_that_is_set_back_takes_no_job_from_a_living_run()
    {
        await AddAsync("lives");
        var lives = await StartAsync("lives");
        await RecoverAsync();
        Time.AdjustTime(Time.GetUtcNow() - TimeSpan.FromHours(1));
        for (var second = 0; second < 30; second++)
        {
            Assert.Equal(0, await AdvanceAndRecoverAsync(TimeSpan.FromSeconds(1)));
            Assert.Equal(LeaseState.Held, await RenewAsync(lives));
        }

        Assert.Equal(0, (await GetAsync("lives")).AttemptsMade);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_leaves_living_runs_the_time_they_were_given_after_nobody_had_looked()
    {
        await AddAsync("lives");
        await StartAsync("lives");
        await RecoverAsync();
        Time.Advance(Options.Lease + TimeSpan.FromSeconds(30));
        Assert.Equal(0, await RecoverAsync());

        Time.AdjustTime(Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await RecoverAsync());
        Assert.Equal(0, await AdvanceAndRecoverAsync(JobStoreRules.StallGrace - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(1, await AdvanceAndRecoverAsync(TimeSpan.FromMilliseconds(1)));
    }
}
