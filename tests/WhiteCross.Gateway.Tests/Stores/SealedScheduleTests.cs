using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway.Tests;

/// <summary>The contract of schedules holds where they are sealed.</summary>
public sealed class SealedScheduleContractTests() : ScheduleContract(new StoresInMemory(), new SealedScheduleStore(new InMemoryVersionedStore<JobSchedule>(GatewayStores.Schedules), SealedScheduleTests.Ring("a", "a")));

/// <summary>What rests of schedules, and what becomes of it when keys change.</summary>
public sealed class SealedScheduleTests
{
    private const string Queue = JobQueues.MessageDelivery;
    private const string Secret = "the result of Jane Roe's test";

    private readonly InMemoryVersionedStore<JobSchedule> _resting = new(GatewayStores.Schedules);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_rests__shows_when_and_not_what()
    {
        await Sealed("a", "a").ReplaceAsync(null, Schedule(), Cancel);

        var resting = (await _resting.FindAsync(Queue, "s", Cancel))!;
        Assert.DoesNotContain("Jane", JsonSerializer.Serialize(resting), StringComparison.Ordinal);
        Assert.Equal("0 2 * * *", resting.Cron);
        Assert.Equal(Secret, Content((await Sealed("a", "a").FindAsync(Queue, "s", Cancel))!));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(null)]
    public async Task Of_a_former_key_or_of_none__is_sealed_with_the_current_one_when_it_is_first_listed(string? former)
    {
        await (former is null ? _resting : (IVersionedStore<JobSchedule>)Sealed(former, "a")).ReplaceAsync(null, Schedule(), Cancel);

        var listed = Assert.Single(await Sealed("b", "a", "b").ListAsync(Queue, Cancel));

        Assert.Equal(Secret, Content(listed));
        Assert.Equal((await _resting.FindAsync(Queue, "s", Cancel))!.Version, listed.Version);
        Assert.Equal(Secret, Content((await Sealed("b", "b").FindAsync(Queue, "s", Cancel))!));
    }

    [Fact]
    public async Task Of_a_key_that_is_gone__stays_through_changes_and_is_there_when_the_key_is_back()
    {
        await Sealed("a", "a").ReplaceAsync(null, Schedule(), Cancel);
        var without = Sealed("b", "b");

        var listed = Assert.Single(await without.ListAsync(Queue, Cancel));
        Assert.True(await without.ReplaceAsync(listed, listed with { Enabled = false }, Cancel));

        Assert.True(JobSealing.IsSealed(listed.Job));
        Assert.Equal(JsonValueKind.Null, WithoutContent.Of(listed).Job.ValueKind);
        Assert.Equal(Secret, Content((await Sealed("a", "a").FindAsync(Queue, "s", Cancel))!));
    }

    [Fact]
    public async Task Moved_to_another_schedule__does_not_open()
    {
        await Sealed("a", "a").ReplaceAsync(null, Schedule(), Cancel);
        var resting = (await _resting.FindAsync(Queue, "s", Cancel))!;
        await _resting.ReplaceAsync(null, resting with { Id = "other" }, Cancel);

        Assert.True(JobSealing.IsSealed((await Sealed("a", "a").FindAsync(Queue, "other", Cancel))!.Job));
    }

    internal static JobSealing Ring(string current, params string[] keys) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new(SealingKeys.Setting, JsonSerializer.Serialize(new
        {
            current,
            keys = keys.ToDictionary(key => key, key => Convert.ToBase64String(Enumerable.Repeat((byte)key[0], 32).ToArray())),
            hash = Convert.ToBase64String(new byte[32]),
        }))]).Build(),
        NullLogger<JobSealing>.Instance);

    private static JobSchedule Schedule() => new()
    {
        Id = "s",
        Queue = Queue,
        Cron = "0 2 * * *",
        Job = JsonSerializer.SerializeToElement(new { data = new { content = Secret } }),
    };

    private static string Content(JobSchedule schedule) => schedule.Job.GetProperty("data").GetProperty("content").GetString()!;

    private SealedScheduleStore Sealed(string current, params string[] keys) => new(_resting, Ring(current, keys));
}
