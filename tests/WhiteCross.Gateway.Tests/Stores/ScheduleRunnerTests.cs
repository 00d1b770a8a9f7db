using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>Schedules when clocks step back, and when one of them cannot be run.</summary>
public sealed class ScheduleRunnerTests
{
    private const string Queue = JobQueues.MessageCleanup;

    private readonly SteppingClock _time = new();
    private readonly InMemoryVersionedStore<JobSchedule> _schedules = new(GatewayStores.Schedules);
    private readonly InMemoryJobStore _jobs;
    private readonly ScheduleRunner _runner;

    public ScheduleRunnerTests()
    {
        _jobs = new InMemoryJobStore(JobQueues.DefaultOptions, _time);
        _runner = new ScheduleRunner(_schedules, _jobs, new Publisher(_jobs), JobEnvelopeReader.Default, new Options(), _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("*/5 * * * *", null)]
    [InlineData("* * * * *", null)]
    [InlineData(null, 60_000L)]
    [InlineData(null, 300_000L)]
    public async Task A_clock_that_is_set_back_an_hour__makes_no_schedule_sleep(string? cron, long? every)
    {
        await PutAsync("a", cron, every);
        Assert.InRange(await RunForAsync(TimeSpan.FromMinutes(31)), 6, 31);

        _time.StepBy(TimeSpan.FromHours(-1));

        Assert.InRange(await RunForAsync(TimeSpan.FromMinutes(11)), 2, 11);
    }

    [Fact]
    public async Task A_clock_that_is_corrected_a_little__runs_nothing_twice()
    {
        await PutAsync("a", "0 2 * * *", null);
        _time.Pass(TimeSpan.FromHours(14));
        Assert.Equal(1, await _runner.RunDueAsync(Queue, Cancel));

        _time.StepBy(TimeSpan.FromSeconds(-10));

        Assert.Equal(0, await RunForAsync(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task One_schedule_that_throws__stops_no_other()
    {
        await PutAsync("a", "0 0 1 1 *", null);
        var broken = (await _schedules.FindAsync(Queue, "a", Cancel))!;
        await _schedules.ReplaceAsync(broken, broken with { TimeZone = "Mars/Olympus", NextRunAt = _time.GetUtcNow() }, Cancel);
        await PutAsync("b", null, 1000);
        _time.Pass(TimeSpan.FromSeconds(2));
        var failed = new List<string>();

        var added = await _runner.RunDueAsync(Queue, (schedule, _) => failed.Add(schedule.Id), Cancel);

        Assert.Equal(1, added);
        Assert.Equal(["a"], failed);
    }

    private async Task PutAsync(string id, string? cron, long? every) => Assert.True(await _schedules.ReplaceAsync(
        null,
        _runner.Begin(new JobSchedule
        {
            Id = id,
            Queue = Queue,
            Cron = cron,
            Every = every,
            Overlap = ScheduleOverlap.Queue,
            CreatedAt = _time.GetUtcNow(),
            Job = JsonSerializer.SerializeToElement(new { data = new { cleanupType = "old_messages" } }),
        }),
        Cancel));

    private async Task<int> RunForAsync(TimeSpan span)
    {
        var added = 0;
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromSeconds(10))
        {
            _time.Pass(TimeSpan.FromSeconds(10));
            added += await _runner.RunDueAsync(Queue, Cancel);
        }

        return added;
    }

    /// <summary>A wall clock that can be set back, over a steady one that cannot.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        private long _steady;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan span) => (_wall, _steady) = (_wall + span, _steady + span.Ticks);

        public void StepBy(TimeSpan span) => _wall += span;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _steady;
    }

    private sealed class Publisher(IJobStore store) : IJobPublisher
    {
        public async ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken) => (await store.AddAsync(queue, [job], cancellationToken))[0];

        public Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) => store.AddAsync(queue, jobs, cancellationToken);
    }

    private sealed class Options : IOptionsMonitor<QueueOptions>
    {
        public QueueOptions CurrentValue => JobQueues.DefaultOptions(Queue);

        public QueueOptions Get(string? name) => JobQueues.DefaultOptions(name!);

        public IDisposable? OnChange(Action<QueueOptions, string?> listener) => null;
    }
}
