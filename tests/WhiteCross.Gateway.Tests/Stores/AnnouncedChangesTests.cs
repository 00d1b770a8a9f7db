using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>A change and its entry in the audit log: both happen or neither, whoever dies in between.</summary>
public sealed class AnnouncedChangesTests(StoresRedis redis)
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(At);
    private readonly int _database = redis.NewDatabase();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_makes_a_change_and_dies__another_gateway_adds_its_entry__once()
    {
        var (queue, log, other, store) = (JobQueues.MessageIndexing, Log(), Log(), Store());
        using (log.Announce(Entry("PauseQueue", queue, "1")))
        {
            await store.PauseAsync(queue, Cancellation);
        }

        await other.CollectAsync(Cancellation);
        Assert.Empty(await other.ListAsync(10, Cancellation)); // It may be about to add it itself.
        _time.Advance(TimeSpan.FromMinutes(1));
        await other.CollectAsync(Cancellation);
        await other.CollectAsync(Cancellation);
        await log.CollectAsync(Cancellation);

        var entry = Assert.Single(await other.ListAsync(10, Cancellation));
        Assert.Equal(("PauseQueue", "somebody", "1"), (entry.Action, entry.Who, entry.Id));
        Assert.True((await Chain.VerifyAsync(other, Cancellation)).IsWhole);
    }

    [Fact]
    public async Task Whoever_makes_a_change_and_lives__adds_its_entry_with_what_came_of_it__and_nobody_does_so_again()
    {
        var (queue, log) = (JobQueues.MessageEncryption, Log());
        var (store, entry) = (Store(), Entry("CleanQueue", JobQueues.MessageEncryption, "2"));
        await FailAsync(store, queue, "a");
        using (log.Announce(entry))
        {
            Assert.Equal(1, await store.CleanAsync(queue, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(-1), Cancellation));
        }

        await ((IAuditLog)log).AddAsync(entry with { Count = 1 }, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Equal(1, Assert.Single(await log.ListAsync(10, Cancellation)).Count);
    }

    [Fact]
    public async Task What_changes_nothing_and_what_is_done_without_a_request__is_not_on_record()
    {
        var (queue, log, store) = (JobQueues.MessageCleanup, Log(), Store());
        using (log.Announce(Entry("RetryJob", queue, "3")))
        {
            Assert.Equal(ChangeOutcome.NotFound, (await store.RetryAsync(queue, ["none"], null, Cancellation))[0]);
            Assert.Equal(0, await store.CleanAsync(queue, TimeSpan.Zero, TimeSpan.Zero, Cancellation));
            Assert.False(await store.ResumeAsync(queue, Cancellation));
        }

        await store.PauseAsync(queue, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Empty(await log.ListAsync(10, Cancellation));
    }

    [Fact]
    public async Task Every_kind_of_change__has_its_entry()
    {
        var (queue, log, store) = (JobQueues.BatchMessageSending, Log(), Store());
        var schedules = new RedisScheduleStore(redis.Connection.GetDatabase(_database));
        var schedule = new JobSchedule { Id = "s", Queue = queue, Every = 1000, Job = System.Text.Json.JsonSerializer.SerializeToElement(new { }) };
        await FailAsync(store, queue, "a");
        await FailAsync(store, queue, "b");
        await FailAsync(store, queue, "d");
        await store.AddAsync(queue, [Job("c")], Cancellation);
        var changes = new (string Action, Func<Task> Change)[]
        {
            ("PauseQueue", () => store.PauseAsync(queue, Cancellation)), ("ResumeQueue", () => store.ResumeAsync(queue, Cancellation)),
            ("EditJob", () => store.RetryWithAsync(queue, Job("d"), DateTimeOffset.MaxValue, Cancellation)),
            ("RetryJob", () => store.RetryAsync(queue, ["a"], null, Cancellation)), ("RetryFailedJobs", () => store.RetryAsync(queue, null, null, Cancellation)),
            ("CancelJob", () => store.CancelAsync(queue, "c", Cancellation)), ("RemoveJob", () => store.RemoveAsync(queue, "c", Cancellation)),
            ("PutSchedule", () => schedules.ReplaceAsync(null, schedule, Cancellation)), ("RemoveSchedule", () => schedules.RemoveAsync(queue, "s", Cancellation)),
        };
        foreach (var (action, change) in changes)
        {
            using (log.Announce(Entry(action, queue, action)))
            {
                await change();
            }
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Equal(changes.Select(change => change.Action).Order(), (await log.ListAsync(10, Cancellation)).Select(entry => entry.Action).Order());
    }

    private static AuditChain Chain { get; } = new(SealedScheduleTests.Ring("a", "a"));

    private RedisAuditLog Log() => new(redis.Connection.GetDatabase(_database), Chain, Options.Create(new AuditOptions()), _time);

    private RedisJobStore Store() => new(redis.Connection, _database, _ => new QueueOptions());

    private AuditEntry Entry(string action, string queue, string id) => new(_time.GetUtcNow(), "somebody", action, queue, Outcome: "done") { Id = id };

    private static NewJob Job(string id) => new() { JobId = id, Type = "x", Data = "{}"u8.ToArray() };

    private static async Task FailAsync(RedisJobStore store, string queue, string id)
    {
        await store.AddAsync(queue, [Job(id)], Cancellation);
        var run = (await store.BeginAsync(queue, [new BeginRequest(id)], Cancellation))[0].Run!.Key;
        await store.FinishAsync(queue, [new RunEnd(run, RunEndKind.Failed)], Cancellation);
    }
}
