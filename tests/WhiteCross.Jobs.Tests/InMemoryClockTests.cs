using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests;

/// <summary>The clock of the machine is set while jobs wait and run: leases, claims, due times and durations do not care.</summary>
public sealed class InMemoryClockTests
{
    private const string Queue = "clock";

    private readonly SettableClock _clock = new();
    private readonly QueueOptions _options = new();
    private readonly InMemoryJobStore _store;

    public InMemoryClockTests() => _store = new InMemoryJobStore(_ => _options, _clock);

    public static TheoryData<int> Steps => [30, 3600, -30, -3600, 86_400 * 30, -86_400 * 30];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Nobody_stalls_before_its_lease_is_over_and_who_died_is_found(int seconds)
    {
        await _store.AddAsync(Queue, [Job("a")], Cancel);
        await _store.BeginAsync(Queue, [new BeginRequest("a")], Cancel);
        await _store.RecoverStalledAsync(Queue, 10, Cancel);
        _clock.Set(TimeSpan.FromSeconds(seconds));
        for (var second = 1; second < 10; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(0, await _store.RecoverStalledAsync(Queue, 10, Cancel));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await _store.RecoverStalledAsync(Queue, 10, Cancel));
        AssertEven((await _store.GetAsync(Queue, "a", Cancel))!.Attempts[0], TimeSpan.FromSeconds(10));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Durations_are_how_long_it_took(int seconds)
    {
        await _store.AddAsync(Queue, [Job("a"), Job("b")], Cancel);
        _clock.Set(TimeSpan.FromSeconds(seconds));
        var runs = await _store.BeginAsync(Queue, [new BeginRequest("a"), new BeginRequest("b")], Cancel);
        Assert.True(runs[0].Run!.ReadySince <= runs[0].Run!.StartedAt);
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await _store.FinishAsync(Queue, [new RunEnd(runs[0].Run!.Key, RunEndKind.Completed), new RunEnd(runs[1].Run!.Key, RunEndKind.Failed)], Cancel);

        foreach (var id in (string[])["a", "b"])
        {
            var record = (await _store.GetAsync(Queue, id, Cancel))!;
            AssertEven(record.Attempts[0], TimeSpan.FromSeconds(2));
            Assert.Equal(record.Attempts[0].FinishedAt, record.FinishedAt);
        }

        Assert.Equal(2000, (await _store.GetHistoryAsync([Queue], 1, Cancel))[0].P50!.Value, tolerance: 1000);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_delayed_job_comes_when_its_delay_is_over(int seconds)
    {
        await _store.AddAsync(Queue, [Job("a") with { Delay = TimeSpan.FromSeconds(5) }], Cancel);
        _clock.Set(TimeSpan.FromSeconds(seconds));
        Assert.Equal(TimeSpan.FromSeconds(5), (await _store.TakeDueAsync(Queue, 10, Cancel)).NextDueIn);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty((await _store.TakeDueAsync(Queue, 10, Cancel)).Jobs);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await _store.TakeDueAsync(Queue, 10, Cancel)).Jobs);

        // And its claim ends when it ends.
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(JobStoreRules.ClaimFor - TimeSpan.FromSeconds(1));
        Assert.Empty((await _store.TakeDueAsync(Queue, 10, Cancel)).Jobs);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await _store.TakeDueAsync(Queue, 10, Cancel)).Jobs);
    }

    private static void AssertEven(JobAttempt attempt, TimeSpan duration) => Assert.Equal(duration, attempt.FinishedAt - attempt.StartedAt);

    private static NewJob Job(string id) => new() { JobId = id, Type = "work", Data = "{}"u8.ToArray() };
}
