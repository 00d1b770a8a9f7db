using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Gateway.Tests;

/// <summary>Schedules on any pair of stores: what is due is added once, whoever looks, and whoever dies.</summary>
public abstract class ScheduleContract : IAsyncLifetime
{
    private const string Queue = JobQueues.MessageCleanup;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly string _id = $"s-{Guid.NewGuid():n}";
    private readonly IJobStoreFactory _factory;
    private readonly IVersionedStore<JobSchedule> _schedules;
    private IJobStore? _jobs;

    private protected ScheduleContract(IJobStoreFactory factory, IVersionedStore<JobSchedule> schedules) => (_factory, _schedules) = (factory, schedules);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IJobStore Jobs => _jobs ??= _factory.Create(JobQueues.DefaultOptions, _time);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var schedule in await _schedules.ListAsync(Queue, CancellationToken.None))
        {
            await _schedules.RemoveAsync(Queue, schedule.Id, CancellationToken.None);
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Replacing__needs_what_is_there()
    {
        var first = Daily();
        Assert.True(await _schedules.ReplaceAsync(null, first, Cancel));
        Assert.False(await _schedules.ReplaceAsync(null, first, Cancel));

        var read = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        Assert.True(await _schedules.ReplaceAsync(read, read with { Runs = 1 }, Cancel));
        Assert.False(await _schedules.ReplaceAsync(read, read with { Runs = 2 }, Cancel));
        Assert.Equal(1, (await _schedules.FindAsync(Queue, _id, Cancel))!.Runs);

        Assert.True(await _schedules.RemoveAsync(Queue, _id, Cancel));
        Assert.False(await _schedules.RemoveAsync(Queue, _id, Cancel));
        Assert.False(await _schedules.ReplaceAsync(read, read, Cancel));
        Assert.Null(await _schedules.FindAsync(Queue, _id, Cancel));
    }

    [Fact]
    public async Task A_replacement_whose_answer_was_lost__is_found_by_reading_and_not_done_twice()
    {
        var losing = FaultyStore.Over(_schedules, _ => StoreFault.AnswerLost);
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => losing.ReplaceAsync(null, Daily(), Cancel));
        Assert.False(await _schedules.ReplaceAsync(null, Daily(), Cancel));
        Assert.Equal(1, (await _schedules.FindAsync(Queue, _id, Cancel))!.Version);

        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => losing.RemoveAsync(Queue, _id, Cancel));
        Assert.False(await _schedules.RemoveAsync(Queue, _id, Cancel));
    }

    [Fact]
    public async Task What_comes_every_minute__comes_in_a_minute_also_when_the_clock_was_set_back_an_hour()
    {
        var runner = Runner();
        await _schedules.ReplaceAsync(null, runner.Begin(Daily() with { Cron = null, Every = 60_000 }), Cancel);
        _time.AdjustTime(_time.GetUtcNow().AddHours(-1));
        Assert.Equal(0, await runner.RunDueAsync(Queue, Cancel));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await runner.RunDueAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Everything_about_it__comes_back_as_it_was_put()
    {
        var schedule = Daily() with
        {
            Every = 5000,
            Cron = null,
            TimeZone = "Europe/Berlin",
            Limit = 3,
            Overlap = ScheduleOverlap.Queue,
            Enabled = false,
            Origin = ScheduleOrigin.Settings,
            LastRunAt = _time.GetUtcNow(),
            LastJobId = "x:1",
            Runs = 2,
            Skipped = 1,
        };
        await _schedules.ReplaceAsync(null, schedule, Cancel);

        var read = Assert.Single(await _schedules.ListAsync(Queue, Cancel));

        Assert.Equal(schedule with { Version = 1, Job = default }, read with { Job = default });
        Assert.Equal(schedule.Job.GetRawText(), read.Job.GetRawText());
    }

    [Fact]
    public async Task Due__is_added_once_by_any_number_of_instances()
    {
        await PutAsync(Daily());
        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));

        _time.Advance(TimeSpan.FromHours(14));
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Runner().RunDueAsync(Queue, Cancel)));

        Assert.Equal(1, added.Sum());
        var schedule = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        Assert.Equal((1, new DateTimeOffset(2026, 3, 3, 2, 0, 0, TimeSpan.Zero)), (schedule.Runs, schedule.NextRunAt));
        var job = (await Jobs.GetAsync(Queue, schedule.LastJobId!, Cancel))!;
        Assert.Equal((JobTypes.CleanupMessages, JobState.Waiting), (job.Type, job.State));
        Assert.Equal("old_messages", job.Data.GetProperty("cleanupType").GetString());
        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Died_between_adding_and_moving_on__adds_nothing_twice()
    {
        await PutAsync(Daily());
        _time.Advance(TimeSpan.FromHours(14));
        var dying = new ScheduleRunner(new Broken(_schedules), Jobs, new Publisher(Jobs), JobEnvelopeReader.Default, new Defaults(), _time);
        await Assert.ThrowsAsync<IOException>(() => dying.RunDueAsync(Queue, Cancel));

        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));

        var schedule = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        Assert.Equal(1, schedule.Runs);
        Assert.NotNull(await Jobs.GetAsync(Queue, schedule.LastJobId!, Cancel));
    }

    [Fact]
    public async Task One_that_throws__stops_none_behind_it()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await PutAsync(Daily() with { Id = $"{_id}-{name}" });
        }

        _time.Advance(TimeSpan.FromHours(14));
        var failing = new ScheduleRunner(new Broken(_schedules, $"{_id}-a"), Jobs, new Publisher(Jobs), JobEnvelopeReader.Default, new Defaults(), _time);
        await Assert.ThrowsAsync<IOException>(() => failing.RunDueAsync(Queue, Cancel));

        Assert.Equal((1, 1), ((await _schedules.FindAsync(Queue, $"{_id}-b", Cancel))!.Runs, (await _schedules.FindAsync(Queue, $"{_id}-c", Cancel))!.Runs));
        foreach (var name in (string[])["a", "b", "c"])
        {
            await _schedules.RemoveAsync(Queue, $"{_id}-{name}", Cancel);
        }
    }

    [Fact]
    public async Task Missed_for_days__runs_once_and_goes_on_as_planned()
    {
        await PutAsync(Daily());
        _time.Advance(TimeSpan.FromDays(5));

        Assert.Equal(1, await Runner().RunDueAsync(Queue, Cancel));
        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));

        Assert.Equal(new DateTimeOffset(2026, 3, 7, 2, 0, 0, TimeSpan.Zero), (await _schedules.FindAsync(Queue, _id, Cancel))!.NextRunAt);
    }

    [Fact]
    public async Task Not_ended_yet__is_skipped_or_queued_as_the_policy_says()
    {
        await PutAsync(Daily());
        _time.Advance(TimeSpan.FromDays(1));
        await Runner().RunDueAsync(Queue, Cancel);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));
        var skipped = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        Assert.Equal((1, 1), (skipped.Runs, skipped.Skipped));

        await _schedules.ReplaceAsync(skipped, skipped with { Overlap = ScheduleOverlap.Queue }, Cancel);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Runner().RunDueAsync(Queue, Cancel));

        var queued = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        await _schedules.ReplaceAsync(queued, queued with { Overlap = ScheduleOverlap.Skip }, Cancel);
        var begun = await Jobs.BeginAsync(Queue, [new BeginRequest(queued.LastJobId!)], Cancel);
        await Jobs.FinishAsync(Queue, [new RunEnd(begun[0].Run!.Key, RunEndKind.Completed)], Cancel);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Runner().RunDueAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Limit__is_kept_and_disabled_adds_nothing()
    {
        await PutAsync(Daily() with { Cron = null, Every = 1000, Limit = 2, Overlap = ScheduleOverlap.Queue });
        var added = 0;
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            added += await Runner().RunDueAsync(Queue, Cancel);
        }

        Assert.Equal(2, added);
        Assert.Null((await _schedules.FindAsync(Queue, _id, Cancel))!.NextRunAt);

        var ended = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        await _schedules.ReplaceAsync(ended, Runner().Begin(ended with { Limit = null, Enabled = false }), Cancel);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await Runner().RunDueAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Run_now__adds_a_job_beside_the_planned_times()
    {
        await PutAsync(Daily());
        var schedule = (await _schedules.FindAsync(Queue, _id, Cancel))!;

        var jobId = await Runner().RunNowAsync(schedule, Cancel);

        Assert.NotNull(await Jobs.GetAsync(Queue, jobId, Cancel));
        var after = (await _schedules.FindAsync(Queue, _id, Cancel))!;
        Assert.Equal((1, jobId, schedule.NextRunAt), (after.Runs, after.LastJobId, after.NextRunAt));
    }

    private JobSchedule Daily() => new()
    {
        Id = _id,
        Queue = Queue,
        Cron = "0 2 * * *",
        Job = JsonSerializer.SerializeToElement(new { type = "cleanup-messages", data = new { cleanupType = "old_messages" } }),
        CreatedAt = _time.GetUtcNow(),
    };

    private async Task PutAsync(JobSchedule schedule) => Assert.True(await _schedules.ReplaceAsync(null, Runner().Begin(schedule), Cancel));

    private ScheduleRunner Runner() => new(_schedules, Jobs, new Publisher(Jobs), JobEnvelopeReader.Default, new Defaults(), _time);

    private sealed class Publisher(IJobStore jobs) : IJobPublisher
    {
        public async ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken) => (await jobs.AddAsync(queue, [job], cancellationToken))[0];

        public Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs1, CancellationToken cancellationToken) => jobs.AddAsync(queue, jobs1, cancellationToken);
    }

    private sealed class Defaults : IOptionsMonitor<QueueOptions>
    {
        public QueueOptions CurrentValue => new();

        public QueueOptions Get(string? name) => JobQueues.DefaultOptions(name!);

        public IDisposable? OnChange(Action<QueueOptions, string?> listener) => null;
    }

    /// <summary>Dies where a schedule would move on: this one, or any.</summary>
    private sealed class Broken(IVersionedStore<JobSchedule> inner, string? id = null) : IVersionedStore<JobSchedule>
    {
        public Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken) => inner.ListAsync(queue, cancellationToken);

        public Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) => inner.FindAsync(queue, id, cancellationToken);

        public Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken) =>
            id is null || id == next.Id ? throw new IOException("gone") : inner.ReplaceAsync(current, next, cancellationToken);

        public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => inner.RemoveAsync(queue, id, cancellationToken);
    }
}
